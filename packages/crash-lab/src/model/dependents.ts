import type { Cascader, Records } from '@kt/cascader'
import type { Message } from '@kt/core'
import { Op } from 'sequelize'
import { City } from './city.ts'
import { Country } from './country.ts'

/** The cities of these countries, a chunk at a time. */
export async function* citiesOf(countryIds: readonly string[], chunkSize = 1_000): AsyncGenerator<City> {
  const countryId = countryIds.map(Number)
  let after = 0
  for (;;) {
    const where = { countryId, id: { [Op.gt]: after } }
    const cities = await City.findAll({ where, order: ['id'], limit: chunkSize })
    yield* cities
    after = cities.at(-1)?.id ?? after
    if (cities.length < chunkSize) return
  }
}

/** The countries that these cities are in, and those that they have left. */
export async function countriesOf(cascader: Cascader, messages: readonly Message[]): Promise<Records> {
  const cities = await City.findAll({
    attributes: ['countryId'],
    where: { id: cascader.ids(messages).map(Number) },
    group: ['countryId'],
  })
  const now = cities.map(({ countryId }) => countryId)
  const before = cascader.references(messages, 'countryId').map(Number)
  return Country.findAll({ where: { id: [...now, ...before] } })
}
