import { afterEach, expect, test, vi } from 'vitest'
import { send } from '../test/support/send.ts'
import { memoryKafka } from './index.ts'

afterEach(() => void vi.useRealTimers())

test('messages decodes values, and handlers get copies as bytes', async () => {
  const kafka = memoryKafka({ partitions: 1 })
  const producer = kafka.producer()
  for (const value of ['{"id":1}', 'plain', null])
    await producer.produce(value, { topic: 'cities', key: 'k', headers: { trace: 't' } })
  await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async ([first]) => {
    expect(first?.value).toBeInstanceOf(Buffer)
    first?.value?.fill(0)
  })
  await kafka.whenCaughtUp()
  expect(kafka.messages('cities')).toEqual([
    { partition: 0, offset: 0n, key: 'k', value: { id: 1 }, headers: { trace: 't' } },
    { partition: 0, offset: 1n, key: 'k', value: 'plain', headers: { trace: 't' } },
    { partition: 0, offset: 2n, key: 'k', value: null, headers: { trace: 't' } },
  ])
  expect(kafka.messages('unknown')).toEqual([])
})

test('whenCaughtUp and advance send what an attached streamer holds back', async () => {
  const kafka = memoryKafka()
  let held = 0
  const streamer = kafka.attach({
    async flush() {
      await send(kafka, held)
      held = 0
    },
  })
  expect(streamer).toHaveProperty('flush')
  const worker = await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async () => undefined)
  for (const settle of [() => kafka.whenCaughtUp(), () => kafka.clock.advance(1)]) {
    held = 2
    await settle()
    expect(held).toBe(0)
    expect(await worker.lag()).toBe(0n)
  }
  expect(kafka.messages('cities')).toHaveLength(4)
})

test('works with fake timers', async () => {
  vi.useFakeTimers({ now: 1_000_000 })
  const kafka = memoryKafka()
  await send(kafka, 3)
  const stamps: number[] = []
  await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async (messages) => {
    stamps.push(...messages.map(({ timestampMs }) => timestampMs))
  })
  await kafka.clock.advance(1_000)
  expect(stamps).toEqual([1_000_000, 1_000_000, 1_000_000])
})

test('checks its options', () => {
  for (const options of [{ partitions: 0 }, { topics: { a: 1.5 } }, { attempts: 0 }, { timeoutMs: -1 }])
    expect(() => memoryKafka(options)).toThrow(expect.objectContaining({ code: 'KT_OPTION_INVALID' }))
})
