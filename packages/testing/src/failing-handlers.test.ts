import { KtError } from '@kt/core'
import type { Message } from '@kt/core'
import { expect, test } from 'vitest'
import { send, text } from '../test/support/send.ts'
import { memoryKafka } from './index.ts'

test('failing handlers are tried a few times, then whenCaughtUp rejects with their error instead of hanging', async () => {
  const kafka = memoryKafka()
  await send(kafka, 2)
  const error = new Error('no database')
  const attempts: number[] = []
  let isDown = true
  const worker = await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async (_, { attempt }) => {
    attempts.push(attempt)
    if (isDown) throw error
  })
  await expect(kafka.whenCaughtUp()).rejects.toBe(error)
  await expect(worker.whenCaughtUp()).rejects.toMatchObject({ code: 'KT_CATCH_UP_TIMEOUT', cause: error })
  await expect(kafka.clock.advance(1_000)).rejects.toBe(error)
  expect(attempts.slice(0, 4)).toEqual([1, 2, 3, 4])
  isDown = false
  await kafka.whenCaughtUp()
  expect(await worker.lag()).toBe(0n)
})

test('failing handlers get the same batch again, although more has arrived', async () => {
  const kafka = memoryKafka()
  await send(kafka, 2)
  const batches: string[][] = []
  await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async (messages) => {
    batches.push(messages.map(text))
    if (batches.length > 1) return
    await send(kafka, 1)
    throw new Error('once')
  })
  await kafka.whenCaughtUp()
  expect(batches).toEqual([['0', '1'], ['0', '1'], ['0']])
})

test('failing handlers do not block other groups and partitions', async () => {
  const kafka = memoryKafka()
  await send(kafka, 1, 0)
  await send(kafka, 1, 1)
  const done: string[] = []
  const consumer = kafka.consumer()
  await consumer.consume({ topic: 'cities', name: 'a' }, async (_, { partition }) => {
    if (partition === 0) throw new Error('broken')
    done.push('a1')
  })
  await consumer.consume({ topic: 'cities', name: 'b' }, async (_, { partition }) => {
    done.push(`b${partition}`)
  })
  await expect(kafka.whenCaughtUp()).rejects.toThrow('broken')
  expect(done.toSorted()).toEqual(['a1', 'b0', 'b1'])
})

test('whenCaughtUp names the workers that take too long', async () => {
  const kafka = memoryKafka({ timeoutMs: 20 })
  await send(kafka, 1)
  await kafka.consumer().consume({ topic: 'cities', name: 'slow' }, () => new Promise(() => undefined))
  await expect(kafka.whenCaughtUp()).rejects.toMatchObject({
    code: 'KT_CATCH_UP_TIMEOUT',
    message: expect.stringContaining('"slow" in "cities" partition 0') as string,
  })
  await expect(kafka.whenCaughtUp({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'KT_ABORTED',
  })
  await kafka.close()
})

test('a refused message is isolated and becomes a dead letter', async () => {
  const kafka = memoryKafka()
  await send(kafka, 4)
  const dead: string[] = []
  const seen: string[] = []
  const refused = new KtError('KT_PAYLOAD_INVALID', 'no id', { retryable: false })
  const options = {
    topic: 'cities',
    name: 'a',
    deadLetter: async (message: Message) => void dead.push(text(message)),
  }
  await kafka.consumer().consume(options, async (messages) => {
    if (messages.some((each) => text(each) === '2')) throw refused
    seen.push(...messages.map(text))
  })
  await kafka.whenCaughtUp()
  expect({ dead, seen }).toEqual({ dead: ['2'], seen: ['0', '1', '3'] })
})

test('whenCaughtUp rejects when messages never end', async () => {
  const kafka = memoryKafka({ timeoutMs: 50 })
  await send(kafka, 1)
  const worker = await kafka.consumer().consume({ topic: 'cities', name: 'loop' }, () => send(kafka, 1))
  await expect(kafka.whenCaughtUp()).rejects.toMatchObject({ code: 'KT_CATCH_UP_TIMEOUT' })
  await worker.close()
  const invalid = kafka.consumer().consume({ topic: 'no topic', name: 'a' }, async () => undefined)
  await expect(invalid).rejects.toMatchObject({ code: 'KT_CONSUME_FAILED' })
})
