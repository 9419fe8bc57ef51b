import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readCities } from '../src/load/read-cities.ts'
import { environmentOf, openExample } from './support/open-example.ts'
import type { Example } from './support/open-example.ts'
import { smallCities } from './support/small-data.ts'

let scope: TestScope
let example: Example

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  example = await openExample(environmentOf(scope))
  await example.createTables()
  await example.loadCountries()
})
afterAll(async () => {
  await example.newSync().shutdown()
  await scope.close()
})

it('continues an interrupted load, and does not restore cities that were deleted since', async () => {
  const { City, isLoaded, loadCities } = example
  const interrupted = new AbortController()
  const onProgress = ({ position }: { position: number }): void => {
    if (position >= 10) interrupted.abort(new Error('interrupted'))
  }
  const loading = loadCities(smallCities, {
    chunkSize: 5,
    signal: interrupted.signal,
    onProgress,
  })
  await expect(loading).rejects.toThrow('interrupted')
  expect(await City.count()).toBe(10)
  expect(await isLoaded()).toBe(false)
  await City.destroy({ where: { name: 'Zürich' } })

  await loadCities(smallCities)
  expect(await City.count()).toBe(14)
  expect(await isLoaded()).toBe(true)
  expect(await City.count({ where: { name: 'Zürich' } })).toBe(0)
})

it('has every city once, with its country', async () => {
  const cities = await readCities()
  expect(cities.length).toBeGreaterThan(135_000)
  expect(new Set(cities.map(({ id }) => id)).size).toBe(cities.length)
  expect(cities[0]).toMatchObject({ name: 'Shanghai', countryCode: 'CN' })
})
