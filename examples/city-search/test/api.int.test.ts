import { decodeNamed, headerNames, isRecordList } from '@kt/core'
import type { CreationAttributes } from 'sequelize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { City } from '../src/models/city.ts'
import { requester } from './support/request.ts'
import type { Answer } from './support/request.ts'
import { startApp } from './support/start-app.ts'
import type { TestApp } from './support/start-app.ts'

let app: TestApp
let ask: ReturnType<typeof requester>

beforeAll(async () => {
  app = await startApp(import.meta.url)
  ask = requester(app.url)
})
afterAll(() => app.close())

async function namesOf(path: string): Promise<string[] | undefined> {
  return (await ask('GET', path)).cities?.map(({ name }) => name)
}

/** Resolves with the change when the index shows it. */
function indexed(id: number | undefined): Promise<NonNullable<Answer['changes']>[number]> {
  return app.scope.waitFor(async () => {
    const { changes } = await ask('GET', '/status')
    return changes?.find((change) => change.id === id && change.indexedMs !== undefined)
  })
}

function frenchCity(id: number): CreationAttributes<City> {
  return { id, name: `Ville ${id}`, countryCode: 'FR', population: 0, latitude: 47, longitude: 8 }
}

describe('searching', () => {
  it('finds cities by prefixes of words, the largest first', async () => {
    expect(await namesOf('/cities?q=ber')).toEqual(['Bern', 'Berlin', 'Bernau bei Berlin', 'Bern', 'Berlin'])
    expect(await namesOf('/cities?q=bei%20ber')).toEqual(['Bernau bei Berlin'])
    expect(await namesOf('/cities?q=xyz')).toEqual([])
  })

  it('finds cities with and without their accents', async () => {
    expect(await namesOf('/cities?q=zuri')).toEqual(['Zürich'])
    expect(await namesOf(`/cities?q=${encodeURIComponent('GENÈ')}`)).toEqual(['Genève'])
  })

  it('filters by country, limits the results, and counts all matches', async () => {
    expect(await namesOf('/cities?q=ber&country=us')).toEqual(['Bern', 'Berlin'])
    const { total, cities } = await ask('GET', '/cities?limit=2')
    expect(total).toBe(15)
    expect(cities?.map(({ name }) => name)).toEqual(['Zürich', 'Genève'])
  })
})

describe('editing', () => {
  it('renames a city, and reports how long the index took', async () => {
    const { status, change } = await ask('PATCH', '/cities/102', { name: 'Free Hamburg' })
    expect(status).toBe(200)
    const found = await app.scope.waitFor(async () => {
      const { changes } = await ask('GET', '/status')
      return changes?.find(({ id, searchableMs }) => id === change?.id && searchableMs !== undefined)
    })
    expect(found.indexedMs).toBeGreaterThan(0)
    expect(found.searchableMs).toBeGreaterThanOrEqual(found.indexedMs ?? Infinity)
    expect(await namesOf('/cities?q=free')).toEqual(['Free Hamburg'])
    const { row, document } = await ask('GET', '/cities/102')
    expect([row?.name, document?.name]).toEqual(['Free Hamburg', 'Free Hamburg'])
  })

  it('records no change if nothing changed', async () => {
    expect(await ask('PATCH', '/cities/101', { name: 'Berlin' })).toMatchObject({ status: 200, change: null })
    expect(await ask('PATCH', '/countries/DE', { name: 'Germany' })).toMatchObject({
      status: 200,
      change: null,
    })
  })

  it('deletes a city from the database and the index', async () => {
    expect(await ask('DELETE', '/cities/105')).toMatchObject({ status: 200 })
    await app.scope.waitFor(async () => (await ask('GET', '/cities/105')).status === 404)
    expect(await ask('DELETE', '/cities/105')).toMatchObject({
      status: 404,
      error: 'There is no city 105',
    })
  })

  it('renames a country in the documents of all its cities', async () => {
    const { change } = await ask('PATCH', '/countries/ch', { name: 'Schweiz' })
    expect(change?.total).toBe(5)
    const cities = await app.scope.waitFor(async () => {
      const { cities } = await ask('GET', '/cities?country=CH')
      return cities?.every(({ countryName }) => countryName === 'Schweiz') && cities
    })
    expect(cities).toHaveLength(5)
    const { cities: others } = await ask('GET', '/cities?country=DE')
    expect(new Set(others?.map(({ countryName }) => countryName))).toEqual(new Set(['Germany']))
  })

  it('sends all cities of a country again', async () => {
    const { change } = await ask('PATCH', '/countries/US', { name: 'USA' })
    await indexed(change?.id)
    const messages = await app.scope.readTopic(app.sync.topology.topicOf(app.City))
    const cascaded = messages.filter(({ headers }) => headerNames.cascade in headers)
    const named = cascaded.map(({ value }) => decodeNamed(value))
    expect(named.flatMap((each) => (isRecordList(each) ? each.ids : [each.id]))).toEqual(
      expect.arrayContaining([201, 202, 203, 204, 205]),
    )
  })

  it('indexes an edit before the rest of a large country that was renamed just before', async () => {
    const cities = Array.from({ length: 10_000 }, (_, index) => frenchCity(1_000 + index))
    await app.City.bulkCreate(cities)
    await app.scope.waitFor(async () => (await ask('GET', '/cities?country=FR')).total === cities.length)
    const country = await ask('PATCH', '/countries/FR', { name: 'La France' })
    const city = await ask('PATCH', '/cities/1', { population: 999_999 })
    const [last, edited] = [await indexed(country.change?.id), await indexed(city.change?.id)]
    expect(edited.committedAt + (edited.indexedMs ?? Infinity)).toBeLessThan(
      last.committedAt + (last.indexedMs ?? 0),
    )
    const waited = await app.scope.readTopic(app.sync.topology.lane?.topic ?? '')
    expect(waited.length).toBeGreaterThan(0)
  })
})

describe('status', () => {
  it('reports the lag and the delayed messages', async () => {
    await ask('PATCH', '/cities/201', { population: 5 })
    await app.scope.waitFor(async () => (await ask('GET', '/status')).lag?.delayed !== 0)
    const { status, lag } = await ask('GET', '/status')
    expect(status).toBe(200)
    expect(lag).toMatchObject({ overdue: 0, deadLetters: 0 })
    expect(lag?.delayed).toBeGreaterThan(0)
  })

  it('separates delay messages that wait from those that are overdue', async () => {
    const untilLag = (delayed: number, overdue: number): Promise<unknown> =>
      app.scope.waitFor(
        async () => {
          const { lag } = await ask('GET', '/status')
          return lag?.delayed === delayed && lag.overdue === overdue
        },
        { what: `${delayed} waiting and ${overdue} overdue messages` },
      )
    await untilLag(0, 0)
    await app.delayer.close()
    await ask('PATCH', '/cities/201', { population: 6 })
    await untilLag(1, 0)
    await untilLag(0, 1)
    const delayer = await app.startWorker('delayer')
    await expect(untilLag(0, 0)).resolves.toBe(true)
    await delayer.close()
  })
})

describe('bad input', () => {
  it.each([
    ['GET', '/cities?limit=0', undefined, 400, 'limit'],
    ['GET', '/cities?limit=many', undefined, 400, 'limit'],
    ['GET', '/cities?country=Germany', undefined, 400, 'country: must be a country code of two letters'],
    ['GET', `/cities?q=${'x'.repeat(101)}`, undefined, 400, 'q'],
    ['GET', '/cities/abc', undefined, 400, 'id: must be a whole number'],
    ['GET', '/cities/99999999999', undefined, 400, 'id'],
    ['GET', '/cities/9999999999', undefined, 400, 'id'],
    ['GET', '/cities/77', undefined, 404, 'There is no city 77'],
    ['PATCH', '/cities/77', { name: 'Nowhere' }, 404, 'There is no city 77'],
    ['PATCH', '/cities/101', { name: ' ' }, 400, 'name: must not be empty'],
    ['PATCH', '/cities/101', { name: 'x'.repeat(101) }, 400, 'name: must have at most 100 characters'],
    ['PATCH', '/cities/101', { name: 'a\u0000b' }, 400, 'name: must not hold control characters'],
    ['PATCH', '/cities/101', { population: -1 }, 400, 'population'],
    ['PATCH', '/cities/101', { nam: 'Berlin' }, 400, 'nam'],
    ['PATCH', '/cities/101', '{"name":', 400, 'JSON'],
    ['PATCH', '/cities/101', { name: 'x'.repeat(20_000) }, 413, 'too large'],
    ['PATCH', '/countries/XX', { name: 'Nowhere' }, 404, 'There is no country XX'],
    ['PATCH', '/countries/DE', {}, 400, 'name'],
    ['DELETE', '/cities/0', undefined, 400, 'id'],
    ['GET', '/nothing', undefined, 404, 'nothing'],
  ])('%s %.30s with %.30j: %i', async (method, path, body, status, reason) => {
    const answer = await ask(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.error).toContain(reason)
  })
})
