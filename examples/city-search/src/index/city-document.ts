import type { City } from '../models/city.ts'
import { fold } from './fold.ts'

/** The searched document: a city with the name of its country. */
export interface CityDocument {
  readonly id: number
  readonly name: string
  /** The name as it is and the name without accents. Searches use both. */
  readonly search: readonly string[]
  readonly countryCode: string
  readonly countryName: string
  readonly population: number
  readonly location: { readonly lat: number; readonly lon: number }
  /** When the city's row and its country's row were last written. Shows which changes a document includes. */
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
