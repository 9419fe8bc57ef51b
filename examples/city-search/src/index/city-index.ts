import { defineIndex } from '@kt/indexer'
import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import { City } from '../models/city.ts'
import { toCityDocument } from './city-document.ts'

/** The Indexer's definition: how to read the records and how to build their documents. */
export function cityIndex(name: string): IndexDefinition<City> {
  return defineIndex({ ...modelSource(City, { include: ['country'] }), name, document: toCityDocument })
}
