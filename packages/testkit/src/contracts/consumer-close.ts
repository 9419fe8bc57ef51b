import type { Message, MessageConsumer } from '@kt/core'
import { expect, test } from 'vitest'
import { gate } from '../gate.ts'
import type { MakeAdapter } from './adapter.ts'
import { useScope } from './adapter.ts'
import { numbered, text } from './numbered.ts'

export function describeCatchUp(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('catch-up')

  test('catches up with an empty topic at once', async () => {
    const topic = await scope().createTopic('empty', { partitions: 2 })
    await using consumer = await make(scope())
    await using consumption = await consumer.consume(
      { topic, name: scope().topic('empty') },
      async () => undefined,
    )
    await consumption.whenCaughtUp()
    expect(await consumption.lag()).toBe(0n)
  })

  test('whenCaughtUp rejects when its timeout passes or its signal fires', async () => {
    const topic = await scope().createTopic('never')
    await scope().send(topic, numbered(1))
    await using consumer = await make(scope())
    const allowed = gate()
    const options = { topic, name: scope().topic('never') }
    await using consumption = await consumer.consume(options, () => allowed.opened)
    const late = consumption.whenCaughtUp({ timeoutMs: 50 })
    await expect(late).rejects.toMatchObject({ code: 'KT_CATCH_UP_TIMEOUT' })
    const aborted = consumption.whenCaughtUp({ signal: AbortSignal.timeout(50) })
    await expect(aborted).rejects.toMatchObject({ code: 'KT_ABORTED' })
    allowed.open()
    await consumption.whenCaughtUp()
  })

  test("ends returns the partitions' ends, and whenCaughtUp waits only for the given ends", async () => {
    const topic = await scope().createTopic('ends', { partitions: 2 })
    await scope().send(topic, [...numbered(3, 0), ...numbered(1, 1)])
    await using consumer = await make(scope())
    await using consumption = await consumer.consume(
      { topic, name: scope().topic('ends') },
      async (messages) => {
        const later = messages.find(({ offset }) => offset >= 3n)
        return later && { from: later.offset, forMs: 600_000 }
      },
    )
    const ends = await consumption.ends()
    expect([...ends].toSorted(([a], [b]) => a - b)).toEqual([
      [0, 3n],
      [1, 1n],
    ])
    await scope().send(topic, numbered(1, 0))
    await consumption.whenCaughtUp({ ends })
    expect(await consumption.lag()).toBe(1n)
  })

  test('whenCaughtUp does not wait for a closed worker', async () => {
    const topic = await scope().createTopic('closed')
    await scope().send(topic, numbered(1))
    await using consumer = await make(scope())
    const consumption = await consumer.consume({ topic, name: scope().topic('closed') }, async ([first]) => {
      return first && { from: first.offset, forMs: 600_000 }
    })
    const waiting = consumption.whenCaughtUp()
    const [outcome] = await Promise.allSettled([waiting, consumption.close()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'KT_CLOSED' } })
  })
}

export function describeClose(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('close')

  test('closing finishes and commits the current batch, and the next worker gets only the rest', async () => {
    const topic = await scope().createTopic('finish')
    await scope().send(topic, numbered(10))
    const options = { topic, name: scope().topic('finish'), batchSize: 4 }
    const entered = gate()
    const allowed = gate()
    const first: string[] = []
    await using consumer = await make(scope())
    const consumption = await consumer.consume(options, async (messages) => {
      first.push(...messages.map(text))
      entered.open()
      await allowed.opened
    })
    await entered.opened
    const closing = consumption.close()
    allowed.open()
    await closing
    await consumption.close()

    const rest: string[] = []
    await using next = await make(scope())
    await using successor = await next.consume(
      options,
      async (messages) => void rest.push(...messages.map(text)),
    )
    await successor.whenCaughtUp()
    expect(first).toEqual(['0', '1', '2', '3'])
    expect(rest).toEqual(['4', '5', '6', '7', '8', '9'])
  })

  test('the signal in the options closes the worker, and a closed consumer accepts no work', async () => {
    const topic = await scope().createTopic('signal')
    const stop = new AbortController()
    const seen: string[] = []
    const options = { topic, name: scope().topic('signal') }
    const handler = async (messages: readonly Message[]): Promise<void> =>
      void seen.push(...messages.map(text))
    const consumer = await make(scope())
    const consumption = await consumer.consume({ ...options, signal: stop.signal }, handler)
    stop.abort()
    await consumption.close()
    await scope().send(topic, numbered(1))
    expect(seen).toEqual([])
    await consumer[Symbol.asyncDispose]()
    await consumer[Symbol.asyncDispose]()
    await expect(consumer.consume(options, handler)).rejects.toMatchObject({ code: 'KT_CLOSED' })
  })
}
