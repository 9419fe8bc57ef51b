import { Consumer } from '@kt/consumer'
import { silentLogger, toDeadLetter } from '@kt/core'
import type { DeadLetter, MessageProducer } from '@kt/core'
import { redrive } from '@kt/indexer'
import type { Indexer, RedriveOptions, RedriveResult } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import { Client } from '@elastic/elasticsearch'
import { requireAddress } from 'testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { City } from './support/city.ts'
import { message } from './support/fakes.ts'
import { Workbench } from './support/workbench.ts'
import type { Bench } from './support/workbench.ts'

let workbench: Workbench
let bench: Bench
const workers: Indexer<City>[] = []

beforeAll(async () => {
  const url = requireAddress('elasticsearch')
  const stop = (): Promise<void> => Promise.resolve()
  workbench = await Workbench.open(import.meta.url, {
    url,
    stop,
    connect: (node) => {
      const client = new Client({ node })
      return { client, close: () => client.close() }
    },
  })
})
afterAll(() => workbench?.close())
beforeEach(async () => {
  bench = await workbench.bench()
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()))
  await City.destroy({ truncate: true })
})

async function work(): Promise<Indexer<City>> {
  const worker = await bench.work({ versions: readTickets(workbench.sequelize) })
  workers.push(worker)
  return worker
}

/** Uses its own consumer, because the group must be free again for the next call. */
async function redriveHere(options: Partial<RedriveOptions> = {}): Promise<RedriveResult> {
  await using consumer = new Consumer({
    kafka: () => workbench.scope.kafka(),
    logger: silentLogger,
    maxWaitMs: 100,
  })
  const { producer } = workbench
  return await redrive({ consumer, producer, topic: bench.topic, logger: silentLogger, ...options })
}

/** Sends `ids` to dead letters, because the population of their records is not a number. */
async function giveUp(worker: Indexer<City>, ids: readonly number[]): Promise<void> {
  await City.bulkCreate(ids.map((id) => ({ id: String(id), name: `city ${id}`, population: 'many' })))
  for (const id of ids) await bench.send([{ id }], { 'kt-change-id': `change-${id}` })
  await worker.whenCaughtUp()
  expect(await bench.deadLetters()).toHaveLength(ids.length)
}

test('indexes the other messages despite one poison message in 10,000', async () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => i + 1)
  await City.bulkCreate(
    ids.map((id) => ({ id: String(id), name: `city ${id}`, population: id === 5_000 ? 'many' : '1' })),
  )
  await bench.send(ids.map((id) => ({ id })))
  const worker = await work()
  await worker.whenCaughtUp()
  expect(await bench.index.count()).toBe(9_999)
  expect(await bench.deadLetters()).toMatchObject([{ headers: { 'kt-dead-id': '5000' } }])
  // Nothing was read or sent twice.
  expect(bench.loads.flat()).toHaveLength(10_000)
  expect(bench.meter.counts).toMatchObject({ indexed: 9_999, dead: 1 })
  expect(bench.meter.counts['kt_indexer_retries_total']).toBeUndefined()
  expect(bench.meter.values['kt_indexer_bulk_duration_ms']).toHaveLength(bench.loads.length)
})

test('a dead letter contains its origin and when it was first seen', async () => {
  const startedAt = Date.now()
  await giveUp(await work(), [1])
  const letters: DeadLetter[] = []
  await redriveHere({ filter: (letter) => letters.push(letter) === 0 })
  expect(letters).toMatchObject([
    {
      topic: bench.topic,
      partition: 0,
      offset: 0n,
      key: null,
      changeId: 'change-1',
      id: '1',
      code: 'KT_DOCUMENT_REJECTED',
      status: 400,
      type: 'document_parsing_exception',
      // It came alone, so the Indexer had to check with a probe whether the index accepts anything at all.
      attempts: 2,
    },
  ])
  const { firstSeenMs = 0, givenUpMs = 0 } = letters[0] ?? {}
  expect(firstSeenMs).toBeGreaterThanOrEqual(startedAt - 1_000)
  expect(givenUpMs).toBeGreaterThanOrEqual(firstSeenMs)
})

test('sends letters back, so that the records are read again', async () => {
  const worker = await work()
  await giveUp(worker, [1, 2, 3])
  // Record 1 was repaired, 2 was repaired and indexed since, and 3 is unchanged.
  await City.update({ population: '10' }, { where: { id: ['1', '2'] } })
  await bench.send([{ id: 2 }])
  await worker.whenCaughtUp()
  const before = await bench.deadLetters()

  expect(await redriveHere()).toEqual({ redriven: 3, skipped: 0 })
  await worker.whenCaughtUp()
  expect(await bench.index.source('1')).toMatchObject({ population: '10' })
  expect(await bench.index.source('2')).toMatchObject({ population: '10' })
  const after = await bench.deadLetters()
  expect(after.map(({ headers }) => headers['kt-dead-id'])).toEqual(['1', '2', '3', '3'])
  expect(after[3]?.headers['kt-dead-first-seen']).toBe(before[2]?.headers['kt-dead-first-seen'])

  // Redriven letters are committed. A record that failed again is a new letter.
  expect(await redriveHere()).toEqual({ redriven: 1, skipped: 0 })
})

test('letters that the filter rejects stay for another time', async () => {
  const worker = await work()
  await giveUp(worker, [1, 2])
  await City.update({ population: '10' }, { where: {} })
  const only = (id: string) => (letter: DeadLetter) => letter.id === id

  expect(await redriveHere({ filter: only('2') })).toEqual({ redriven: 1, skipped: 1 })
  await worker.whenCaughtUp()
  expect(await bench.index.source('1')).toBeUndefined()
  expect(await redriveHere({ filter: only('1') })).toEqual({ redriven: 1, skipped: 0 })
  await worker.whenCaughtUp()
  expect(await bench.index.source('1')).toMatchObject({ population: '10' })
  expect(await redriveHere()).toEqual({ redriven: 0, skipped: 0 })
})

test('continues an interrupted redrive', async () => {
  const worker = await work()
  await giveUp(
    worker,
    Array.from({ length: 25 }, (_, i) => i + 1),
  )
  await worker.close()
  const stop = new AbortController()
  const { producer: real } = workbench
  const producer: MessageProducer = {
    produce: (value, options) => real.produce(value, options),
    batch: async (fill) => {
      const result = await real.batch(fill)
      stop.abort()
      return result
    },
  }
  const stopped = redriveHere({ producer, batchSize: 10, signal: stop.signal })
  await expect(stopped).rejects.toMatchObject({ code: 'KT_ABORTED' })
  const { redriven } = await redriveHere()
  // One uncommitted batch may be sent back twice.
  expect([15, 25]).toContain(redriven)
  const messages = await workbench.scope.readTopic(bench.topic)
  const back = messages.filter(({ headers }) => headers['kt-first-seen'] !== undefined)
  expect(new Set(back.map(({ text }) => text)).size).toBe(25)
})

test('letters of a delay topic are delayed once more', async () => {
  const delayTopic = await workbench.scope.createTopic('delay')
  await workbench.scope.createTopic('delay.dead-letter')
  const headers = { 'kt-change-id': 'c1', 'kt-cascade': 'a' }
  const value = { payload: { id: 1 }, created_at: 1, topic: bench.topic }
  const given = { ...message(value, { headers }), topic: delayTopic, key: '1' }
  const letter = toDeadLetter(given, { code: 'KT_PRODUCE_FAILED', attempts: 10 })
  await workbench.producer.produce(letter.value, letter)

  expect(await redriveHere({ topic: delayTopic })).toEqual({ redriven: 1, skipped: 0 })
  const [back] = await workbench.scope.readTopic(delayTopic)
  expect(back).toMatchObject({ key: '1', text: JSON.stringify(value), headers: { 'kt-cascade': 'a' } })
  expect(back?.headers).not.toHaveProperty('kt-change-id')
})
