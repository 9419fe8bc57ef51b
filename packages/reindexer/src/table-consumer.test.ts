import { decodeNamed, isRecordList, silentLogger } from '@kt/core'
import type { Message, RecordId } from '@kt/core'
import { gate } from 'testkit'
import { expect, test } from 'vitest'
import { TableConsumer } from './table-consumer.ts'

async function* pagesOf(...pages: RecordId[][]): AsyncGenerator<RecordId[]> {
  yield* pages
}

function setUp(pages: RecordId[][]) {
  const handled: RecordId[] = []
  const consumer = new TableConsumer({
    pages: () => pagesOf(...pages),
    recordsPerSecond: Infinity,
    onHandled: (page) => handled.push(...page),
    logger: silentLogger,
  })
  return { consumer, handled }
}

const idsOf = ([message]: readonly Message[]): readonly unknown[] => {
  const named = decodeNamed(message?.value ?? null)
  return isRecordList(named) ? named.ids : []
}
const options = { topic: 'products', name: 'backfill' }

test('delivers every id, and leaves out records that cannot be identified', async () => {
  const { consumer } = setUp([[1, 2], ['', 'a'], [3n]])
  const delivered: unknown[] = []
  const consumption = await consumer.consume(options, async (messages) => {
    delivered.push(...idsOf(messages))
  })
  await consumption.whenCaughtUp()
  expect(delivered).toEqual([1, 2, 'a', '3'])
})

test('reports a page only when all pages before it are done', async () => {
  const { consumer, handled } = setUp([[1], [2], [3]])
  const first = gate()
  const third = gate()
  const consumption = await consumer.consume(options, async (messages) => {
    if (idsOf(messages)[0] === 1) await first.opened
    if (idsOf(messages)[0] === 3) third.open()
  })
  await third.opened
  expect(handled).toEqual([])
  first.open()
  await consumption.whenCaughtUp()
  expect(handled).toEqual([1, 2, 3])
})

test('delivers a page again that failed or asked for a pause', async () => {
  const { consumer, handled } = setUp([[1]])
  const attempts: number[] = []
  const consumption = await consumer.consume(options, async ([message], { attempt }) => {
    attempts.push(attempt)
    if (attempt === 1) throw new Error('failed')
    if (attempt === 2) return { from: message?.offset ?? 0n, forMs: 1 }
    return undefined
  })
  await consumption.whenCaughtUp()
  expect(attempts).toEqual([1, 2, 3])
  expect(handled).toEqual([1])
})

test('a table that cannot be read fails, and is not taken for read', async () => {
  const consumer = new TableConsumer({
    pages: async function* () {
      yield [1]
      throw new Error('database away')
    },
    recordsPerSecond: Infinity,
    onHandled: () => {},
    logger: silentLogger,
  })
  const consumption = await consumer.consume(options, async () => {})
  await expect(consumption.whenCaughtUp()).rejects.toThrow('database away')
})

test('what was aborted is not taken for read', async () => {
  const { consumer, handled } = setUp([[1], [2]])
  const aborting = new AbortController()
  const consumption = await consumer.consume({ ...options, signal: aborting.signal }, async () =>
    aborting.abort(),
  )
  await expect(consumption.whenCaughtUp()).rejects.toMatchObject({ code: 'KT_ABORTED' })
  expect(handled).toEqual([])
})
