import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

/** Resolves with the change when the index shows it. */
function indexed(id: number | undefined): Promise<NonNullable<Answer['changes']>[number]> {
  return app.scope.waitFor(async () => {
    const { changes } = await ask('GET', '/status')
    return changes?.find((change) => change.id === id && change.searchableMs !== undefined)
  })
}

/** Resolves this many milliseconds after the commit of a change. */
async function until({ change }: Pick<Answer, 'change'>, ms: number): Promise<void> {
  await app.scope.waitFor(async () => {
    const { now } = await ask('GET', '/status')
    return (now ?? 0) > (change?.committedAt ?? Infinity) + ms
  })
}

describe('the safety net', () => {
  it('indexes a write whose instant message was lost when its delay message comes due', async () => {
    const { change } = await ask('PATCH', '/cities/101', { name: 'Berlin 2', losesInstant: true })
    const { row, document } = await ask('GET', '/cities/101')
    expect([row?.name, document?.name]).toEqual(['Berlin 2', 'Berlin'])
    const { indexedMs, healed } = await indexed(change?.id)
    expect(healed).toBe(true)
    // The message is slightly older than the commit.
    expect(indexedMs).toBeGreaterThan(app.settings.delayMs - 500)
    expect((await ask('GET', '/cities/101')).document?.name).toBe('Berlin 2')
  })

  it('loses no message of other writes, even if they share a batch', async () => {
    const write = (losesInstant: boolean) => (id: number) =>
      ask('PATCH', `/cities/${id}`, { population: 7, losesInstant })
    const [lost, kept] = await Promise.all([
      Promise.all([2, 102, 202, 4, 104, 204].map(write(true))),
      Promise.all([3, 103, 203, 5, 105, 205].map(write(false))),
    ])
    const wholeDelay = app.settings.delayMs - 500
    for (const { change } of kept) {
      const { indexedMs, healed } = await indexed(change?.id)
      expect(indexedMs).toBeLessThan(wholeDelay)
      expect(healed).toBeUndefined()
    }
    for (const { change } of lost) {
      const { indexedMs, healed } = await indexed(change?.id)
      expect(indexedMs).toBeGreaterThan(wholeDelay)
      expect(healed).toBe(true)
    }
  })

  it('indexes a lost country change in all its cities', async () => {
    const { change } = await ask('PATCH', '/countries/US', { name: 'USA', losesInstant: true })
    expect((await indexed(change?.id)).healed).toBe(true)
    const { cities } = await ask('GET', '/cities?country=US')
    expect(new Set(cities?.map(({ countryName }) => countryName))).toEqual(new Set(['USA']))
  })
})

describe('a change is not said to be healed', () => {
  it('when the message of a later write brought it', async () => {
    const lost = await ask('PATCH', '/cities/101', { name: 'Berlin 3', losesInstant: true })
    const next = await ask('PATCH', '/cities/101', { name: 'Berlin 4' })
    expect(await indexed(lost.change?.id)).toMatchObject({ healed: false })
    expect((await indexed(next.change?.id)).healed).toBeUndefined()
  })

  it('when the delay message of an earlier lost write brought it', async () => {
    const first = await ask('PATCH', '/cities/104', { population: 8, losesInstant: true })
    await until(first, 1_000)
    const next = await ask('PATCH', '/cities/104', { population: 9, losesInstant: true })
    expect(await indexed(first.change?.id)).toMatchObject({ healed: true })
    expect(await indexed(next.change?.id)).toMatchObject({ healed: false })
  })

  it('when its instant message came late, after the delay', async () => {
    await app.indexer.close()
    const { change } = await ask('PATCH', '/cities/1', { name: 'Zurich' })
    const { delayMs } = app.settings
    await until({ change }, delayMs)
    const indexer = await app.startWorker('indexer')
    const { indexedMs, healed } = await indexed(change?.id)
    expect(indexedMs).toBeGreaterThan(delayMs)
    expect(healed).toBeUndefined()
    await indexer.close()
  })
})
