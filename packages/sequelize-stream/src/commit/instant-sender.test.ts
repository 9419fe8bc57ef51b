import { KtError, noopMeter, silentLogger } from '@kt/core'
import type { MessageProducer } from '@kt/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChangeLog } from '../changes/change-log.ts'
import { InstantSender } from './instant-sender.ts'
import { MessageSender } from './message-sender.ts'

function logOf(...ids: number[]): ChangeLog<string> {
  const log = new ChangeLog<string>()
  for (const id of ids)
    log.add(
      'root',
      { topic: 't', delayTopic: 'd', table: 't' },
      { key: String(id), payload: { id }, references: {} },
    )
  return log
}

describe('InstantSender', () => {
  it('skips messages above maxMessages, and sends again once earlier ones are acknowledged', async () => {
    const keys: unknown[] = []
    const add = vi.fn<(name: string, value: number) => void>()
    let release: () => void = () => undefined
    const blocked = new Promise<void>((resolve) => (release = resolve))
    const producer: MessageProducer = {
      produce: (_, { key }) => Promise.resolve(void keys.push(key)),
      batch: async (fill) => {
        const result = await fill({ produce: (_, { key }) => void keys.push(key) })
        await blocked
        return result
      },
    }
    const sender = new MessageSender({
      producer,
      recordsPerMessage: 1,
      delayMs: 300_000,
      logger: silentLogger,
    })
    const instants = new InstantSender({
      sender,
      logger: silentLogger,
      meter: { ...noopMeter, add },
      maxMessages: 2,
    })
    void instants.send(logOf(1, 2), 'a')
    void instants.send(logOf(3, 4, 5), 'b')
    expect(add).toHaveBeenCalledExactlyOnceWith('kt_stream_instants_skipped_total', 3)
    release()
    await instants.flush()
    void instants.send(logOf(6), 'c')
    await instants.flush()
    expect(keys).toEqual(['1', '2', '6'])
  })

  it('sends messages one by one after Kafka has refused one of a shared call', async () => {
    const sent: unknown[] = []
    const add = vi.fn<(name: string, value: number) => void>()
    const refused = new KtError('KT_PRODUCE_FAILED', 'Too large', { retryable: false })
    const producer: MessageProducer = {
      produce: (_, { key }) => {
        if (key === '3') return Promise.reject(refused)
        return Promise.resolve(void sent.push(key))
      },
      batch: async (fill) => {
        const keys: unknown[] = []
        const result = await fill({ produce: (_, { key }) => void keys.push(key) })
        if (keys.includes('3')) throw refused
        sent.push(...keys)
        return result
      },
    }
    const instants = new InstantSender({
      sender: new MessageSender({ producer, recordsPerMessage: 1, delayMs: 300_000, logger: silentLogger }),
      logger: silentLogger,
      meter: { ...noopMeter, add },
      maxMessages: 100,
    })
    for (const id of [1, 2, 3, 4]) void instants.send(logOf(id), `change-${id}`)
    await instants.flush()
    expect(sent).toEqual(['1', '2', '4'])
    expect(add).toHaveBeenCalledExactlyOnceWith('kt_stream_instant_failures_total', 1)
  })

  describe('the pause between messages', () => {
    afterEach(() => void vi.useRealTimers())

    function gathering() {
      vi.useFakeTimers()
      const sent: unknown[] = []
      const producer: MessageProducer = {
        produce: (_, { key }) => Promise.resolve(void sent.push(key)),
        batch: async (fill) => fill({ produce: (_, { key }) => void sent.push(key) }),
      }
      const sender = new MessageSender({
        producer,
        recordsPerMessage: 1,
        delayMs: 300_000,
        logger: silentLogger,
      })
      const instants = new InstantSender({
        sender,
        logger: silentLogger,
        meter: noopMeter,
        maxMessages: 1_000,
      })
      const send = (...ids: number[]): void =>
        ids.forEach((id) => void instants.send(logOf(id), `change-${id}`))
      return { sent, send, instants }
    }

    it('gathers the next messages in their order', () => {
      const { sent, send } = gathering()
      send(1, 2, 3)
      expect(sent).toEqual(['1'])
      vi.advanceTimersByTime(3)
      expect(sent).toEqual(['1'])
      vi.advanceTimersByTime(1)
      expect(sent).toEqual(['1', '2', '3'])
    })

    it('does not delay a message that comes after it', () => {
      const { sent, send } = gathering()
      send(1)
      vi.advanceTimersByTime(4)
      send(2)
      expect(sent).toEqual(['1', '2'])
    })

    it('grows with the number of messages, up to a maximum', () => {
      const { sent, send } = gathering()
      send(1, ...Array.from({ length: 50 }, (_, index) => index + 2))
      vi.advanceTimersByTime(4)
      send(52)
      vi.advanceTimersByTime(19)
      expect(sent).toHaveLength(51)
      vi.advanceTimersByTime(1)
      expect(sent).toHaveLength(52)
    })

    it('precedes the messages of a large transaction', () => {
      const { sent, send, instants } = gathering()
      const many = Array.from({ length: 101 }, (_, index) => index + 1)
      void instants.send(logOf(...many), 'change-of-many')
      send(102)
      vi.advanceTimersByTime(2)
      expect(sent).toEqual([])
      vi.advanceTimersByTime(1)
      expect(sent).toEqual([...many, 102].map(String))
    })

    it('ends on flush', async () => {
      const { sent, send, instants } = gathering()
      send(1, 2)
      await instants.flush()
      expect(sent).toEqual(['1', '2'])
      expect(vi.getTimerCount()).toBe(0)
    })
  })
})
