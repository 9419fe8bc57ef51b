import { KtError, noopMeter, silentLogger } from '@kt/core'
import type { Message, MessageHandler, Meter } from '@kt/core'
import { describe, expect, it, vi } from 'vitest'
import { handleBatch } from './handle-batch.ts'
import type { HandleBatchOptions } from './handle-batch.ts'

function message(offset: bigint): Message {
  return { topic: 't', partition: 0, offset, key: null, value: null, headers: {}, timestampMs: 0 }
}

function options(handler: MessageHandler, more: Partial<HandleBatchOptions> = {}): HandleBatchOptions {
  const never = new AbortController().signal
  return {
    handler,
    gaveUp: () => undefined,
    deadLetter: undefined,
    backoff: () => 0,
    logger: silentLogger,
    meter: noopMeter,
    topic: 't',
    name: 'n',
    partition: 0,
    ending: never,
    lost: never,
    ...more,
  }
}

describe('handleBatch', () => {
  it('counts the attempts and stops at the first success', async () => {
    const attempts: number[] = []
    const handler: MessageHandler = async (_messages, { attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new TypeError('not yet')
    }
    expect(await handleBatch([message(0n)], options(handler))).toBe('done')
    expect(attempts).toEqual([1, 2, 3])
  })

  it('passes only the failing message to deadLetter, and handles the others', async () => {
    const handled: bigint[] = []
    const dead: bigint[] = []
    const handler: MessageHandler = async (messages) => {
      if (messages.some(({ offset }) => offset === 1n))
        throw new KtError('KT_DOCUMENT_FAILED', 'bad', { retryable: false })
      handled.push(...messages.map(({ offset }) => offset))
    }
    const deadLetter = async ({ offset }: Message): Promise<void> => {
      dead.push(offset)
    }
    const messages = [message(0n), message(1n), message(2n)]
    expect(await handleBatch(messages, options(handler, { deadLetter }))).toBe('done')
    expect(handled).toEqual([0n, 2n])
    expect(dead).toEqual([1n])
  })

  it('retries a message whose dead letter could not be sent', async () => {
    let written = 0
    const handler: MessageHandler = () =>
      Promise.reject(new KtError('KT_DOCUMENT_FAILED', 'bad', { retryable: false }))
    const deadLetter = async (): Promise<void> => {
      written += 1
      if (written < 3) throw new Error('Kafka is away')
    }
    expect(await handleBatch([message(0n)], options(handler, { deadLetter }))).toBe('done')
    expect(written).toBe(3)
  })

  it('stops between tries when the worker ends', async () => {
    const ending = new AbortController()
    const handler: MessageHandler = () => {
      ending.abort()
      return Promise.reject(new Error('down'))
    }
    expect(await handleBatch([message(0n)], options(handler, { ending: ending.signal }))).toBe('abandoned')
  })

  it('does not count a success after the partition was lost', async () => {
    const lost = new AbortController()
    const handler: MessageHandler = async () => lost.abort()
    expect(await handleBatch([message(0n)], options(handler, { lost: lost.signal }))).toBe('abandoned')
  })

  it('counts messages after a pause once, when they are handled', async () => {
    const add = vi.fn<Meter['add']>()
    const meter = { ...noopMeter, add }
    const messages = [message(0n), message(1n), message(2n)]
    const pausing = options(() => Promise.resolve({ from: 1n, forMs: 5 }), { meter })
    expect(await handleBatch(messages, pausing)).toEqual({ from: 1n, forMs: 5 })
    expect(
      await handleBatch(
        messages.slice(1),
        options(() => Promise.resolve(), { meter }),
      ),
    ).toBe('done')
    const labels = { topic: 't', name: 'n' }
    expect(add.mock.calls).toEqual([
      ['kt_consumer_messages_total', 1, labels],
      ['kt_consumer_messages_total', 2, labels],
    ])
  })
})
