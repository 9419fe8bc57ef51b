import { KtError, noopMeter, silentLogger } from '@kt/core'
import { recordStreamProperty } from '@kt/core/internal'
import type { Logger, Message, Meter, Payload, RecordStream } from '@kt/core'
import { MemoryProducer } from 'testkit/doubles'
import { describe, expect, test, vi } from 'vitest'
import { message } from '../test/support/messages.ts'
import { Cascader } from './cascader.ts'
import type { CascaderOptions } from './options.ts'

class City {
  static [recordStreamProperty]: RecordStream<City> = { topic: 'cities', payload: ({ id }) => ({ id }) }
  readonly id: number
  constructor(id: number) {
    this.id = id
  }
}

function setUp(options: Partial<CascaderOptions> = {}) {
  const producer = new MemoryProducer()
  return { producer, cascader: new Cascader({ name: 'own', producer, logger: silentLogger, ...options }) }
}

const cities = (...ids: number[]): City[] => ids.map((id) => new City(id))

describe('ids', () => {
  test('are distinct strings, in the order of the messages', () => {
    const messages = [2, 1, '2', 'x', 1].map((id) => message({ id }))
    expect(setUp().cascader.ids(messages)).toEqual(['2', '1', 'x'])
  })

  test('leave out messages that have passed this Cascader or end here', () => {
    const chains = [undefined, 'other', 'other,own', 'own', 'other,*', '*', 'own,*', 'owner']
    const messages = chains.map((chain, id) => message({ id }, chain))
    expect(setUp().cascader.ids(messages)).toEqual(['0', '1', '7'])
  })

  test('include those of messages that name many records', () => {
    const messages = [message('{"ids":[3,"x",1]}'), message({ id: 1 }), message('{"ids":[4]}', 'own,*')]
    expect(setUp().cascader.ids(messages)).toEqual(['3', 'x', '1'])
    expect(setUp().cascader.references(messages, 'ids')).toEqual([])
  })

  test('skip messages without a payload, and log that without their data', () => {
    const warn = vi.fn<Logger['warn']>()
    const { cascader } = setUp({ logger: { ...silentLogger, warn } })
    expect(cascader.ids([message('secret'), message({ id: 1 })])).toEqual(['1'])
    expect(warn).toHaveBeenCalledOnce()
    expect(JSON.stringify(warn.mock.calls)).not.toContain('secret')
  })
})

describe('references', () => {
  test('are the former ids of one attribute, from the messages to cascade', () => {
    const moved = (id: number, parents: (string | number)[], chain?: string): Message =>
      message({ id, references: { countryId: parents, mayorId: [99] } }, chain)
    const messages = [
      moved(1, [1, '2']),
      moved(2, [2, 3]),
      moved(3, [4], 'own'),
      message({ id: 4 }),
      message('x'),
    ]
    expect(setUp().cascader.references(messages, 'countryId')).toEqual(['1', '2', '3'])
    expect(setUp().cascader.references(messages, 'toString')).toEqual([])
  })
})

describe('import', () => {
  test('sends the payload of each record to its topic with its id as key, marked as not to be cascaded', async () => {
    const { cascader, producer } = setUp()
    expect(await cascader.import(cities(1, 2))).toBe(2)
    expect(producer.produced).toEqual([
      { value: '{"id":1}', topic: 'cities', key: '1', headers: { 'kt-cascade': 'own,*' } },
      { value: '{"id":2}', topic: 'cities', key: '2', headers: { 'kt-cascade': 'own,*' } },
    ])
  })

  test('accepts async iterables, and skips null, undefined and repeated records', async () => {
    const { cascader, producer } = setUp({ batchSize: 2 })
    async function* records(): AsyncGenerator<City | null | undefined> {
      for (const id of [1, 1, 2, 3, 1, 2, 4]) {
        yield null
        yield Promise.resolve(new City(id))
        yield undefined
      }
    }
    expect(await cascader.import(records())).toBe(4)
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '2', '3', '4'])
    expect(producer.calls).toEqual([2, 2])
  })

  test('treats the same id in two topics as two targets', async () => {
    const { cascader, producer } = setUp({
      stream: (record) => ({ topic: 'city' in record ? 'cities' : 'mayors', payload: () => ({ id: 1 }) }),
    })
    await cascader.import([{ city: 1 }, { mayor: 1 }, { city: 1 }])
    expect(producer.produced.map(({ topic }) => topic)).toEqual(['cities', 'mayors'])
  })

  test('keeps no more than one batch in memory besides the one in flight', async () => {
    const { cascader, producer } = setUp({ batchSize: 10 })
    let taken = 0
    function* endless(): Generator<City> {
      for (;;) yield new City((taken += 1))
    }
    producer.refuse = () => (producer.produced.length === 30 ? new Error('away') : undefined)
    await expect(cascader.import(endless())).rejects.toThrow('away')
    expect(taken).toBe(50)
  })

  test('accepts an async iterable of arrays', async () => {
    const { cascader, producer } = setUp({ batchSize: 2 })
    async function* pages(): AsyncGenerator<City | null | readonly (City | null)[]> {
      yield [new City(1), null, new City(2), new City(3), new City(1)]
      yield []
      yield new City(4)
      yield null
      yield [new City(5)]
    }
    expect(await cascader.import(pages())).toBe(5)
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '2', '3', '4', '5'])
    expect(producer.calls).toEqual([2, 2, 1])
  })

  test('finds the next records while a batch is in flight, and sends one batch at a time', async () => {
    const { cascader, producer } = setUp({ batchSize: 1 })
    const events: unknown[] = []
    let acknowledge = (): void => undefined
    const send = producer.batch.bind(producer)
    producer.batch = async (fill) => {
      events.push('send')
      await new Promise<void>((resolve) => (acknowledge = resolve))
      return send(fill)
    }
    async function* records(): AsyncGenerator<City> {
      for (const id of [1, 2, 3]) {
        events.push(id)
        yield new City(id)
      }
    }
    const importing = cascader.import(records())
    await expect.poll(() => events).toEqual([1, 2, 'send', 3])
    acknowledge()
    await expect.poll(() => events).toEqual([1, 2, 'send', 3, 'send'])
    acknowledge()
    await expect.poll(() => events).toEqual([1, 2, 'send', 3, 'send', 'send'])
    acknowledge()
    expect(await importing).toBe(3)
  })

  test('rejects when a batch cannot be sent, even while it waits for the next record', async () => {
    const { cascader, producer } = setUp({ batchSize: 1 })
    producer.refuse = () => new Error('away')
    async function* hanging(): AsyncGenerator<City> {
      yield new City(1)
      await new Promise(() => undefined)
    }
    await expect(cascader.import(hanging())).rejects.toThrow('away')
  })

  test('takes no record when it is already aborted', async () => {
    const { cascader } = setUp()
    const next = vi.fn<() => IteratorResult<City>>()
    const records = { [Symbol.iterator]: () => ({ next }) }
    const importing = cascader.import(records, { signal: AbortSignal.abort() })
    await expect(importing).rejects.toMatchObject({ code: 'KT_ABORTED' })
    expect(next).not.toHaveBeenCalled()
  })

  test.each(['iterable', 'array'])(
    'stops between the records of an %s, and closes the iterator',
    async (kind) => {
      const controller = new AbortController()
      const taken: unknown[] = []
      const payload = (record: unknown): Payload => {
        taken.push(record)
        controller.abort()
        return { id: taken.length }
      }
      const { cascader, producer } = setUp({ stream: () => ({ topic: 'cities', payload }) })
      let closed = false
      function* records<T>(items: Iterable<T>): Generator<T> {
        try {
          yield* items
        } finally {
          closed = true
        }
      }
      async function* pages(): AsyncGenerator<City[]> {
        yield* records([cities(1, 2)])
      }
      const importing = cascader.import(kind === 'array' ? pages() : records(cities(1, 2)), controller)
      await expect(importing).rejects.toMatchObject({ code: 'KT_ABORTED' })
      expect([taken.length, producer.produced.length]).toEqual([1, 0])
      await expect.poll(() => closed).toBe(true)
    },
  )

  test('remembers a bounded number of targets', async () => {
    const { cascader, producer } = setUp({ rememberedTargets: 4 })
    await cascader.import(cities(1, 1, 2, 3, 4, 5, 6, 7, 1, 7))
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '2', '3', '4', '5', '6', '7', '1'])
  })

  test('stops when the signal fires, even while it waits for the next record', async () => {
    const { cascader, producer } = setUp({ batchSize: 1 })
    const controller = new AbortController()
    async function* hanging(): AsyncGenerator<City> {
      yield new City(1)
      controller.abort()
      await new Promise(() => undefined)
    }
    const importing = cascader.import(hanging(), { signal: controller.signal })
    await expect(importing).rejects.toMatchObject({ code: 'KT_ABORTED' })
    expect(producer.produced.length).toBe(1)
  })

  test('closes the iterator when it fails', async () => {
    const { cascader, producer } = setUp({ batchSize: 1 })
    let closed = false
    async function* records(): AsyncGenerator<City> {
      try {
        for (;;) yield new City(1)
      } finally {
        closed = true
      }
    }
    producer.refuse = () => new Error('away')
    await expect(cascader.import(records())).rejects.toThrow('away')
    await expect.poll(() => closed).toBe(true)
  })

  test('skips a record whose payload fails', async () => {
    const payload = (record: object): Payload => {
      if ('bad' in record) throw new Error('no payload')
      return record as Payload
    }
    const error = vi.fn<Logger['error']>()
    const { cascader, producer } = setUp({
      stream: () => ({ topic: 'cities', payload: (record) => payload(record as object) }),
      logger: { ...silentLogger, error },
    })
    await cascader.import([{ id: 1 }, { bad: true }, { noId: 1 }, { id: 1.5 }, { id: 2 }])
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '2'])
    expect(error).toHaveBeenCalledTimes(3)
  })

  test('sends many ids in one message, and records with more in their payload separately', async () => {
    const add = vi.fn<Meter['add']>()
    const { cascader, producer } = setUp({
      recordsPerMessage: 3,
      stream: (record) => ({
        topic: 'mayor' in record ? 'mayors' : 'cities',
        payload: () => record as Payload,
      }),
      meter: { ...noopMeter, add },
    })
    const records = [{ id: 1 }, { id: 2, mayor: 1 }, { id: '3' }, { id: 1 }, { id: 4 }, { id: 5 }]
    expect(await cascader.import(records)).toBe(5)
    const headers = { 'kt-cascade': 'own,*' }
    expect(producer.produced).toEqual([
      { value: '{"id":2,"mayor":1}', topic: 'mayors', key: '2', headers },
      { value: '{"ids":[1,"3",4]}', topic: 'cities', key: null, headers },
      { value: '{"ids":[5]}', topic: 'cities', key: null, headers },
    ])
    expect(add.mock.calls).toEqual([['kt_cascader_messages_total', 3, { name: 'own' }]])
  })

  test('keeps no more than a batch of records in memory, however few messages name them', async () => {
    const { cascader, producer } = setUp({ batchSize: 10, recordsPerMessage: 4 })
    let taken = 0
    function* endless(): Generator<City> {
      for (;;) yield new City((taken += 1))
    }
    producer.refuse = () => (producer.produced.length === 9 ? new Error('away') : undefined)
    await expect(cascader.import(endless())).rejects.toThrow('away')
    expect(producer.calls).toEqual([3, 3, 3])
    expect(taken).toBe(60)
  })

  test('rejects a record whose topic and payload are unknown', async () => {
    const importing = setUp().cascader.import([new Map()])
    await expect(importing).rejects.toMatchObject({ code: 'KT_OPTION_INVALID' })
    await expect(importing).rejects.toThrow('Map')
  })
})

describe('cascade', () => {
  test('groups messages by chain, and adds its name to each chain', async () => {
    const { cascader, producer } = setUp()
    const messages = [
      message({ id: 1 }),
      message({ id: 2 }, 'a'),
      message({ id: 3 }),
      message({ id: 4 }, 'own'),
    ]
    const groups: [readonly string[], number][] = []
    const count = await cascader.cascade(messages, (ids, group) => {
      groups.push([ids, group.length])
      return cities(...ids.map((id) => Number(id) * 10))
    })
    expect(count).toBe(3)
    expect(groups).toEqual([
      [['1', '3'], 2],
      [['2'], 1],
    ])
    expect(producer.produced.map(({ key, headers }) => [key, headers?.['kt-cascade']])).toEqual([
      ['10', 'own'],
      ['30', 'own'],
      ['20', 'a,own'],
    ])
  })

  test('does not call find without ids', async () => {
    const find = vi.fn<() => City[]>()
    await setUp().cascader.cascade([message('x'), message({ id: 1 }, '*')], find)
    expect(find).not.toHaveBeenCalled()
  })

  test('rejects with the error of find', async () => {
    const failing = setUp().cascader.cascade([message({ id: 1 })], () =>
      Promise.reject(new Error('no database')),
    )
    await expect(failing).rejects.toThrow('no database')
  })
})

describe('options', () => {
  test.each([
    ['name', 'a,b'],
    ['name', '*'],
    ['producer', {}],
    ['batchSize', 0],
    ['recordsPerMessage', 0],
    ['recordsPerMessage', 1_001],
    ['rememberedTargets', -1],
    ['rememberedChanges', -1],
    ['stream', 'cities'],
    ['logger', {}],
    ['meter', {}],
  ])('%s is validated', (option, value) => {
    const make = (): Cascader => new Cascader({ name: 'x', producer: new MemoryProducer(), [option]: value })
    expect(make).toThrow(KtError)
    expect(make).toThrow(`"${option}"`)
  })
})
