import type { City } from '../models/city.ts'
import { fold } from './fold.ts'

/** What is searched: a city with the name of its country. */
export interface CityDocument {
  readonly id: number
  readonly name: string
  /** The name as it is, and without its accents: what the search looks at. */
  readonly search: readonly string[]
  readonly countryCode: string
  readonly countryName: string
  readonly population: number
  readonly location: { readonly lat: number; readonly lon: number }
  /** When the row, and its country's, were last written: tells which change a document shows. */
  readonly updatedAt: number
  readonly countryUpdatedAt: number
}

export function toCityDocument(city: City): CityDocument {
  const { id, name, countryCode, population, latitude, longitude, country } = city
  return {
    id,
    name,
    search: [...new Set([name, fold(name)])],
    countryCode,
    countryName: country?.name ?? countryCode,
    population,
    location: { lat: latitude, lon: longitude },
    updatedAt: city.updatedAt.getTime(),
    countryUpdatedAt: country?.updatedAt.getTime() ?? 0,
  }
}
