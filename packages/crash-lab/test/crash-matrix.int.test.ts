import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServices, RolePool, World } from '../src/index.ts'
import type { LabServices } from '../src/index.ts'
import { runCells } from '../src/matrix/run-cells.ts'
import { shortForm } from '../src/matrix/short-form.ts'
import { failures } from '../src/report/summary.ts'

const seed = 20_260_101

let services: LabServices
beforeAll(async () => {
  services = await openServices({ ownKafka: true })
})
afterAll(() => services.close())

test(
  'the index equals the database within one delay period after any kill',
  { timeout: 300_000 },
  async () => {
    const cells = shortForm(seed)
    const { signal } = new AbortController()
    const results = await runCells(cells, { lanes: 3, delayMs: 2_000, signal, onResult: () => undefined })
    expect(failures(results, { seed, rounds: cells.length })).toBe('')
    expect(results).toHaveLength(cells.length)
  },
)

test(
  'the comparison detects changes before their delay message is re-sent',
  { timeout: 120_000 },
  async () => {
    await using pool = new RolePool(1)
    await using world = await World.open({ pool })
    await world.write({ path: 'seed', base: 100, seed })
    await world.converge()
    const { reached } = await world.role('writer').arm('commit.after')
    const writing = world.write({ path: 'Model.destroy', base: 100, seed })
    await reached
    await Promise.all([world.role('writer').kill(), world.role('delayer').kill()])
    expect(await writing).toEqual({ kind: 'cut off' })
    const stale = await world.differences()
    expect(stale.some(({ of, expected }) => of === 'cities' && expected === undefined)).toBe(true)
    expect(stale.some(({ of }) => of === 'countries')).toBe(true)
    await world.converge()
    expect(await world.differences()).toEqual([])
  },
)
