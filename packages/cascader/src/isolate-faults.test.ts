import { KtError, silentLogger } from '@kt/core'
import type { BatchContext, Message, MessageHandler } from '@kt/core'
import { MemoryProducer } from 'testkit/doubles'
import { describe, expect, test } from 'vitest'
import { message } from '../test/support/messages.ts'
import { Cascader } from './cascader.ts'

const context: BatchContext = {
  topic: 'countries',
  partition: 0,
  attempt: 3,
  signal: new AbortController().signal,
}

function at(offset: bigint, id: number | string): Message {
  return { ...message({ id }), offset }
}

/** Sequelize's wrapper of PostgreSQL's error. */
function castError(): Error {
  const original = Object.assign(new Error('invalid input syntax'), { code: '22P02' })
  return Object.assign(new Error('invalid input syntax'), { original })
}

/** A handler that looks up numeric ids. */
function setUp(fail: () => Error = castError) {
  const producer = new MemoryProducer()
  const cascader = new Cascader({ name: 'own', producer, logger: silentLogger })
  const found: string[] = []
  const work: MessageHandler = (messages) => {
    const ids = cascader.ids(messages)
    if (ids.some((id) => Number.isNaN(Number(id)))) return Promise.reject(fail())
    found.push(...ids)
    return Promise.resolve()
  }
  return { producer, cascader, found, handle: cascader.handler(work) }
}

describe('a message whose data make the lookup fail', () => {
  test('becomes a dead letter, and does not block others', async () => {
    const { producer, found, handle } = setUp()
    const ids = [1, 2, 'x', 3, 4, 'y', 5]
    await handle(
      ids.map((id) => message({ id })),
      context,
    )
    expect(found).toEqual(['1', '2', '3', '4', '5'])
    expect(producer.produced).toMatchObject([
      {
        topic: 'countries.dead-letter',
        headers: { 'kt-dead-code': 'KT_LOAD_FAILED', 'kt-dead-attempts': '3' },
      },
      { topic: 'countries.dead-letter' },
    ])
    const values = producer.produced.map(({ value }) => Buffer.from(value ?? '').toString())
    expect(values).toEqual(['{"id":"x"}', '{"id":"y"}'])
  })

  test('is isolated from the other records of the same message', async () => {
    const { producer, found, handle } = setUp()
    await handle([message('{"ids":[1,"x",2]}')], context)
    expect(found).toEqual(['1', '2'])
    expect(producer.produced.map(({ key }) => key)).toEqual(['x'])
  })

  test('is recognized when the lookup reports it', async () => {
    const { producer, handle } = setUp(
      () => new KtError('KT_LOAD_FAILED', 'no such id', { retryable: false }),
    )
    await handle([message({ id: 'x' })], context)
    expect(producer.produced).toHaveLength(1)
  })
})

test.each([
  Object.assign(new Error('terminating connection'), { original: { code: '57P01' } }),
  Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  new KtError('KT_LOAD_FAILED', 'away', { retryable: true }),
  new KtError('KT_OPTION_INVALID', 'not streamed', { retryable: false }),
  new TypeError('fetch failed'),
])('gives up no message because of %s', async (error) => {
  const { producer, handle } = setUp(() => error)
  await expect(handle([message({ id: 1 }), message({ id: 'x' })], context)).rejects.toBe(error)
  expect(producer.produced).toEqual([])
})

test('rejects the batch while Kafka accepts no dead letters', async () => {
  const away = new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true })
  const { producer, handle } = setUp()
  producer.refuse = () => away
  await expect(handle([message({ id: 'x' }), message({ id: 1 })], context)).rejects.toBe(away)
})

describe('a lookup that never succeeds', () => {
  test('pauses the partition, and makes no dead letters until it succeeds', async () => {
    const { producer, handle } = setUp()
    const batch = [at(7n, 'x'), at(8n, 'y')]
    expect(await handle(batch, context)).toEqual({ from: 7n, forMs: expect.any(Number) as number })
    expect(producer.produced).toEqual([])
    await handle([...batch, at(9n, 1)], context)
    expect(producer.produced).toHaveLength(2)
  })

  test('does not count as faulty right after it has succeeded', async () => {
    const { producer, handle } = setUp()
    await handle([message({ id: 1 })], context)
    expect(await handle([message({ id: 'x' })], context)).toBeUndefined()
    expect(producer.produced).toHaveLength(1)
  })
})

test('returns the pause of a part of the batch', async () => {
  const { cascader } = setUp()
  const pause = { from: 9n, forMs: 10 }
  const handle = cascader.handler((messages) =>
    messages.length > 1
      ? Promise.reject(castError())
      : Promise.resolve(messages[0]?.offset === 9n ? pause : undefined),
  )
  const batch = [8n, 9n, 10n].map((offset) => at(offset, 1))
  expect(await handle(batch, context)).toEqual(pause)
})
