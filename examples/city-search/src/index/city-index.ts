import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { City } from '../models/city.ts'
import { toCityDocument } from './city-document.ts'
import type { CityDocument } from './city-document.ts'

/** What the index contains: the cities, with their countries. */
export function cityIndex(name: string): ModelIndex<City, CityDocument> {
  return modelIndex(City, { name, include: ['country'], document: toCityDocument })
}
