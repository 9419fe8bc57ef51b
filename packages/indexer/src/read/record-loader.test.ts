import { KtError } from '@kt/core'
import { expect, test } from 'vitest'
import { RecordLoader } from './record-loader.ts'

interface Row {
  readonly id: string
}

const signal = new AbortController().signal
const ids = Array.from({ length: 100 }, (_, i) => String(i))

/** A table with ids that can't be read. It can be unavailable. */
class Table {
  readonly loads: (readonly string[])[] = []
  readonly poison = new Set<string>()
  away = false
  /** The loads that fail for any ids, counted from 1. */
  failing: number[] = []

  readonly load = (wanted: readonly string[]): Promise<readonly Row[]> => {
    this.loads.push(wanted)
    const fails = this.failing.includes(this.loads.length)
    if (fails || this.away || wanted.some((id) => this.poison.has(id))) return Promise.reject(new Error('no'))
    return Promise.resolve(wanted.map((id) => ({ id })))
  }

  loader(): RecordLoader<Row> {
    return new RecordLoader({ name: 'cities', load: this.load, document: (row) => row }, undefined, 1_000)
  }
}

const loadFailed = expect.toSatisfy(
  (error) => KtError.isInstance(error, 'KT_LOAD_FAILED') && error.retryable,
) as unknown

test('loads once', async () => {
  const table = new Table()
  const { records } = await table.loader().load(ids, { signal, attempt: 1 })
  expect([...records.keys()]).toEqual(ids)
  expect(table.loads).toHaveLength(1)
})

test('compares ids as strings', async () => {
  const load = (): Promise<readonly { readonly code: bigint }[]> => Promise.resolve([{ code: 12n }])
  const loader = new RecordLoader(
    { name: 'x', load, id: ({ code }) => code, document: (row) => row },
    undefined,
    1_000,
  )
  const { records } = await loader.load(['12'], { signal, attempt: 1 })
  expect(records.get('12')).toEqual({ code: 12n })
})

test('a first failure isolates no record', async () => {
  const table = new Table()
  table.poison.add('3')
  await expect(table.loader().load(ids, { signal, attempt: 1 })).rejects.toEqual(loadFailed)
  expect(table.loads).toHaveLength(1)
})

test('from the second failure on, isolates the ids that fail while others load', async () => {
  const table = new Table()
  table.poison.add('0').add('50').add('99')
  const loader = table.loader()
  await loader.load(['7'], { signal, attempt: 1 })
  const { records, failed } = await loader.load(ids, { signal, attempt: 2 })
  expect([...failed.keys()]).toEqual(['0', '50', '99'])
  expect(records.size).toBe(97)
  expect(table.loads.length).toBeLessThan(60)
})

test('finds a probe id in the batch when nothing was loaded before', async () => {
  const table = new Table()
  table.poison.add('0')
  const { failed } = await table.loader().load(ids, { signal, attempt: 2 })
  expect([...failed.keys()]).toEqual(['0'])
})

test('gives up no id while the database is unavailable', async () => {
  const table = new Table()
  const loader = table.loader()
  await loader.load(ids, { signal, attempt: 1 })
  table.away = true
  await expect(loader.load(ids, { signal, attempt: 9 })).rejects.toEqual(loadFailed)
  expect(table.loads.length).toBeLessThan(8)
})

test('gives up no id while the database is intermittently unavailable', async () => {
  const table = new Table()
  const loader = table.loader()
  await loader.load(['7'], { signal, attempt: 1 })
  // The load itself, and one of the two isolation tries.
  table.failing = [2, 5]
  const { records, failed } = await loader.load(['1'], { signal, attempt: 2 })
  expect(failed.size).toBe(0)
  expect([...records.keys()]).toEqual(['1'])

  table.failing = [table.loads.length + 1, table.loads.length + 3]
  // The load itself, and that of the probe id.
  await expect(loader.load(['1'], { signal, attempt: 2 })).rejects.toEqual(loadFailed)
})

test('limits the wait for the database and for the tickets', async () => {
  const never = new Promise<never>(() => undefined)
  const definition = { name: 'x', load: () => never, document: () => ({}) }
  const loader = new RecordLoader(definition, undefined, 20)
  const error = (await loader.load(['1'], { signal, attempt: 1 }).catch((reason: unknown) => reason)) as Error
  expect(error).toEqual(loadFailed)
  expect(error.cause).toMatchObject({ message: expect.stringContaining('loadTimeoutMs') as unknown })

  const withTickets = new RecordLoader(definition, { next: () => never }, 20)
  await expect(withTickets.load(['1'], { signal, attempt: 1 })).rejects.toEqual(loadFailed)
})

test.each([{}, { id: undefined }, { id: 'other' }])(
  'a record that was not requested is an error, not a reason to delete (%o)',
  async (row) => {
    const loader = new RecordLoader(
      { name: 'x', load: () => Promise.resolve([row]), document: () => ({}) },
      undefined,
      1_000,
    )
    await expect(loader.load(['1'], { signal, attempt: 5 })).rejects.toEqual(loadFailed)
  },
)
