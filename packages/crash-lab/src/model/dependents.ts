import type { Cascader, Records } from '@kt/cascader'
import type { Message } from '@kt/core'
import { City } from './city.ts'
import { Country } from './country.ts'

/** Returns the current and the former countries of these cities. */
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
