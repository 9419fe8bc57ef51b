import { defineIndex } from '@kt/indexer'
import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import { City } from '../models/city.ts'
import { toCityDocument } from './city-document.ts'

/** What the Indexer needs to know: where the records are read, and what their documents look like. */
export function cityIndex(name: string): IndexDefinition<City> {
  return defineIndex({ ...modelSource(City, { include: ['country'] }), name, document: toCityDocument })
}
