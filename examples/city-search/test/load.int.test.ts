import { silentLogger } from '@kt/core'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { openConnections } from '../src/connections.ts'
import type { Connections } from '../src/connections.ts'
import { isLoaded, loadCities } from '../src/load/load-cities.ts'
import { loadCountries } from '../src/load/load-countries.ts'
import { readCities } from '../src/load/read-cities.ts'
import { City } from '../src/models/city.ts'
import { setup } from '../src/setup.ts'
import { smallCities } from './support/small-data.ts'
import { environmentOf } from './support/start-app.ts'

let scope: TestScope
let connections: Connections

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  connections = openConnections(readConfig(environmentOf(scope)), silentLogger)
  await setup(connections)
  await loadCountries(connections.sequelize)
})
afterAll(async () => {
  await connections.close()
  await scope.close()
})

it('continues an interrupted load, and does not restore cities that were deleted since', async () => {
  const { sequelize } = connections
  const interrupted = new AbortController()
  const onProgress = ({ position }: { position: number }): void => {
    if (position >= 10) interrupted.abort(new Error('interrupted'))
  }
  const loading = loadCities(sequelize, smallCities, {
    chunkSize: 5,
    signal: interrupted.signal,
    onProgress,
  })
  await expect(loading).rejects.toThrow('interrupted')
  expect(await City.count()).toBe(10)
  expect(await isLoaded()).toBe(false)
  await City.destroy({ where: { name: 'Zürich' } })

  await loadCities(sequelize, smallCities)
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
