import type { CreationAttributes } from 'sequelize'
import type { City } from '../../src/models/city.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  CH: ['Zürich', 'Genève', 'Basel', 'Bern', 'Winterthur'],
  DE: ['Berlin', 'Hamburg', 'Munich', 'Bernau bei Berlin', 'Zweibrücken'],
  US: ['New York', 'New Orleans', 'Bern', 'Berlin', 'Hamburg'],
}

/** Fifteen cities. The largest comes first. */
export const smallCities: readonly CreationAttributes<City>[] = Object.entries(names).flatMap(
  ([countryCode, cities], country) =>
    cities.map((name, index) => ({
      id: country * 100 + index + 1,
      name,
      countryCode,
      population: 1_000_000 - country * 1_000 - index * 100,
      latitude: 47,
      longitude: 8,
    })),
)
