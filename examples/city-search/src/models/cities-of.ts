import { Op } from 'sequelize'
import { City } from './city.ts'

/** The cities of these countries, a chunk at a time, so that no country is too large for memory. */
export async function* citiesOf(countryCodes: readonly string[], chunkSize = 1_000): AsyncGenerator<City> {
  for (const countryCode of countryCodes) {
    let cities: City[]
    let after = 0
    do {
      cities = await City.findAll({
        where: { countryCode, id: { [Op.gt]: after } },
        order: ['id'],
        limit: chunkSize,
      })
      yield* cities
      after = cities.at(-1)?.id ?? after
    } while (cities.length === chunkSize)
  }
}
