import { KtError } from '@kt/core'
import { expect, test } from 'vitest'
import { FakeConsumer, FakeEngine, FakeProducer, memoryLogger, message } from '../test/support/fakes.ts'
import { Indexer } from './indexer.ts'

const poisoned = [10, 20, 30, 40, 50, 60]
const ids = Array.from({ length: 100 }, (_, index) => index + 1)

/** Six unreadable rows among a hundred. The search engine rejects every other bulk request. */
async function setUp() {
  const engine = new FakeEngine()
  const consumer = new FakeConsumer()
  const letters = new FakeProducer()
  const { logger } = memoryLogger()
  const tries = new Map<string, number>()
  engine.answer = ({ action }) => {
    const count = (tries.get(action._id) ?? 0) + 1
    tries.set(action._id, count)
    if (poisoned.includes(Number(action._id))) return { status: 400, type: 'document_parsing_exception' }
    return count < 4 ? { status: 503, type: 'unavailable' } : undefined
  }
  const indexer = new Indexer({
    consumer,
    client: engine,
    topic: 'cities',
    name: 'cities_indexer',
    index: {
      name: 'cities',
      load: (wanted) => Promise.resolve(wanted.map((id) => ({ id }))),
      document: ({ id }) => ({ id }),
    },
    deadLetters: letters,
    retry: { initialMs: 1, maxMs: 2 },
    logger,
  })
  await indexer.run()
  return { consumer, letters }
}

const changes = (headers: Record<string, string> = {}) =>
  ids.map((id) => message({ id }, { offset: BigInt(id), headers: { 'kt-change-id': `c${id}`, ...headers } }))

test('failing bulk requests repeat no dead letters: six unreadable rows made thousands', async () => {
  const { consumer, letters } = await setUp()
  await consumer.deliver(changes())
  const sent = letters.sent.map(({ headers }) => Number(headers?.['kt-dead-id']))
  expect(sent.toSorted((a, b) => a - b)).toEqual(poisoned)
})

test('dead letters that could not be sent are sent once, with the next delivery', async () => {
  const { consumer, letters } = await setUp()
  const send = letters.batch.bind(letters)
  let isAway = true
  letters.batch = (fill) =>
    isAway ? Promise.reject(new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true })) : send(fill)
  await expect(consumer.deliver(changes())).rejects.toMatchObject({ code: 'KT_PRODUCE_TIMEOUT' })
  isAway = false
  await consumer.deliver(changes())
  expect(letters.sent).toHaveLength(poisoned.length)
})

test('delay messages try unreadable rows once more: at most two dead letters per change', async () => {
  const { consumer, letters } = await setUp()
  await consumer.deliver(changes())
  await consumer.deliver(changes({ 'kt-delayed': '1' }))
  expect(letters.sent).toHaveLength(2 * poisoned.length)
})
