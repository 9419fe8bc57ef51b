import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requester } from './support/request.ts'
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
function indexed(id: number | undefined): Promise<{ readonly indexedMs?: number | undefined }> {
  return app.scope.waitFor(async () => {
    const { changes } = await ask('GET', '/status')
    return changes?.find((change) => change.id === id && change.searchableMs !== undefined)
  })
}

describe('the safety net', () => {
  it('indexes a write whose instant message was lost when its delay message comes due', async () => {
    const { change } = await ask('PATCH', '/cities/101', { name: 'Berlin 2', losesInstant: true })
    const { row, document } = await ask('GET', '/cities/101')
    expect([row?.name, document?.name]).toEqual(['Berlin 2', 'Berlin'])
    const { indexedMs } = await indexed(change?.id)
    // The message is slightly older than the commit.
    expect(indexedMs).toBeGreaterThan(app.connections.config.delayMs - 500)
    expect((await ask('GET', '/cities/101')).document?.name).toBe('Berlin 2')
  })

  it('loses no message of other writes', async () => {
    const [lost, kept] = await Promise.all([
      ask('PATCH', '/cities/102', { name: 'Hamburg 2', losesInstant: true }),
      ask('PATCH', '/cities/103', { name: 'Munich 2' }),
    ])
    const { indexedMs } = await indexed(kept.change?.id)
    expect(indexedMs).toBeLessThan(app.connections.config.delayMs - 500)
    await indexed(lost.change?.id)
  })

  it('indexes a lost country change in all its cities', async () => {
    const { change } = await ask('PATCH', '/countries/US', { name: 'USA', losesInstant: true })
    await indexed(change?.id)
    const { cities } = await ask('GET', '/cities?country=US')
    expect(new Set(cities?.map(({ countryName }) => countryName))).toEqual(new Set(['USA']))
  })
})
