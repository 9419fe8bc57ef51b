import { encodeDelayMessage, silentLogger } from '@kt/core'
import { Delayer } from '@kt/delayer'
import type { DelayerOptions } from '@kt/delayer'
import { expect, onTestFinished, test } from 'vitest'
import { memoryKafka } from './index.ts'
import type { MemoryKafka } from './index.ts'

const delayMs = 300_000

async function startDelayer(kafka: MemoryKafka, options: Partial<DelayerOptions> = {}): Promise<Delayer> {
  const delayer = new Delayer({
    consumer: kafka.consumer(),
    producer: kafka.producer(),
    topic: 'delay_5m',
    delayMs,
    logger: silentLogger,
    ...options,
  })
  await delayer.run()
  onTestFinished(() => delayer.close())
  return delayer
}

async function delay(kafka: MemoryKafka, id: number): Promise<void> {
  const value = encodeDelayMessage({ payload: { id }, topic: 'products', createdAtMs: Date.now() })
  await kafka.producer().produce(value, { topic: 'delay_5m', key: String(id), partition: 0 })
}

const resent = (kafka: MemoryKafka): unknown[] => kafka.messages('products').map(({ value }) => value)

test('a delay message comes due when the clock was advanced by its delay, and not before', async () => {
  const kafka = memoryKafka()
  await startDelayer(kafka)
  await delay(kafka, 1)
  await kafka.whenCaughtUp()
  // The Delayer compares with the real clock, which adds the milliseconds that the test takes.
  await kafka.clock.advance(delayMs - 1_000)
  expect(resent(kafka)).toEqual([])
  await kafka.clock.advance(1_000)
  expect(resent(kafka)).toEqual([{ id: 1 }])
  expect(kafka.messages('products')[0]?.headers).toMatchObject({ 'kt-delayed': '1' })
})

test('each message waits for its own delay, also if the Delayer has seen it before', async () => {
  const kafka = memoryKafka()
  await startDelayer(kafka)
  await delay(kafka, 1)
  await kafka.clock.advance(200_000)
  await delay(kafka, 2)
  await kafka.clock.advance(100_000)
  expect(resent(kafka)).toEqual([{ id: 1 }])
  await kafka.clock.advance(199_000)
  expect(resent(kafka)).toEqual([{ id: 1 }])
  await kafka.clock.advance(1_000)
  expect(resent(kafka)).toEqual([{ id: 1 }, { id: 2 }])
})

test('a Delayer that starts late re-sends at once what is due, and waits for the rest', async () => {
  const kafka = memoryKafka()
  await delay(kafka, 1)
  await kafka.clock.advance(delayMs)
  await delay(kafka, 2)
  await startDelayer(kafka)
  await kafka.whenCaughtUp()
  expect(resent(kafka)).toEqual([{ id: 1 }])
})

test('another Delayer takes over where the first has stopped', async () => {
  const kafka = memoryKafka()
  const first = await startDelayer(kafka)
  await delay(kafka, 1)
  await kafka.clock.advance(200_000)
  await first.close()
  await startDelayer(kafka)
  await kafka.clock.advance(100_000)
  expect(resent(kafka)).toEqual([{ id: 1 }])
})

test('one advance passes through a chain of delays', async () => {
  const kafka = memoryKafka()
  await startDelayer(kafka, { delayTopic: 'delay_1h' })
  await startDelayer(kafka, { topic: 'delay_1h', delayMs: 3_600_000 })
  await delay(kafka, 1)
  await kafka.clock.advance(3_600_000)
  expect(resent(kafka)).toHaveLength(1)
  await kafka.clock.advance(delayMs)
  expect(resent(kafka)).toHaveLength(2)
  expect(kafka.clock.elapsedMs).toBe(3_900_000)
})

test('messages get older by the clock only', async () => {
  const kafka = memoryKafka({ partitions: 1 })
  await kafka.producer().produce('1', { topic: 'cities' })
  await kafka.clock.advance(60_000)
  await kafka.producer().produce('2', { topic: 'cities' })
  const ages: number[] = []
  const worker = await kafka.consumer().consume({ topic: 'cities', name: 'ages' }, async (messages) => {
    ages.push(...messages.map(({ timestampMs }) => Math.round((Date.now() - timestampMs) / 1_000)))
    throw new Error('not yet')
  })
  await expect(kafka.whenCaughtUp()).rejects.toThrow('not yet')
  expect(ages.slice(0, 2)).toEqual([60, 0])
  expect(await worker.isBehind?.({ ageMs: 59_999 })).toBe(true)
  expect(await worker.isBehind?.({ ageMs: 60_000 })).toBe(false)
})

test('advances that overlap are done one after the other', async () => {
  const kafka = memoryKafka()
  await Promise.all([kafka.clock.advance(1_000), kafka.clock.advance(2_000)])
  expect(kafka.clock.elapsedMs).toBe(3_000)
  await expect(kafka.clock.advance(-1)).rejects.toMatchObject({ code: 'KT_OPTION_INVALID' })
})
