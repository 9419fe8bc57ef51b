import { expect, test } from 'vitest'
import { differences } from './support/differences.ts'
import { everything, namesOf } from './support/shops.ts'
import { openStage } from './support/stage.ts'

const file = import.meta.url

test('a deleted parent whose key is not its primary key reaches the documents', async () => {
  await using stage = await openStage(file, { include: everything, document: namesOf })
  const { Currency, Country, City, Shop } = stage.models
  const euro = await Currency.create({ name: 'euro', code: 'EUR' })
  const country = await Country.create({ name: 'Germany', currencyCode: 'EUR' })
  const city = await City.create({ name: 'Bonn', countryId: country.id })
  await Shop.create({ name: 'Lamps', cityId: city.id })
  expect(await differences(stage)).toEqual([])
  await euro.destroy()
  expect(await differences(stage)).toEqual([])
  await Currency.create({ name: 'new euro', code: 'EUR' })
  expect(await differences(stage)).toEqual([])
})
