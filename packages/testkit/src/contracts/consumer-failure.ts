import type { MessageConsumer } from '@kt/core'
import { expect, test } from 'vitest'
import { gate } from '../gate.ts'
import type { MakeAdapter } from './adapter.ts'
import { useScope } from './adapter.ts'
import { numbered, text } from './numbered.ts'

export function describeFailure(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('fail')

  test('a failing handler gets the same messages until it succeeds, and other partitions go on', async () => {
    const topic = await scope().createTopic('retry', { partitions: 2 })
    await scope().send(topic, [...numbered(3, 0), ...numbered(3, 1)])
    await using consumer = await make(scope())
    const attempts: { attempt: number; texts: string[] }[] = []
    const other = gate()
    const options = { topic, name: scope().topic('retry') }
    await using consumption = await consumer.consume(options, async (messages, { partition, attempt }) => {
      if (partition === 1) return other.open()
      attempts.push({ attempt, texts: messages.map(text) })
      // kafkajs gives up on errors with this name.
      if (attempt < 3) throw new TypeError('not yet')
      await other.opened
    })
    await consumption.whenCaughtUp()
    const texts = ['0', '1', '2']
    expect(attempts).toEqual([1, 2, 3].map((attempt) => ({ attempt, texts })))
  })

  test('commits nothing before the handler has succeeded', async () => {
    const topic = await scope().createTopic('commit')
    await scope().send(topic, numbered(4))
    await using consumer = await make(scope())
    const entered = gate()
    const allowed = gate()
    const options = { topic, name: scope().topic('commit') }
    await using consumption = await consumer.consume(options, async () => {
      entered.open()
      await allowed.opened
    })
    await entered.opened
    expect(await consumption.lag()).toBe(4n)
    allowed.open()
    await consumption.whenCaughtUp()
    expect(await consumption.lag()).toBe(0n)
  })
}

export function describePause(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('pause')

  test('a pause commits the messages before it, and delivers the rest again when it is over', async () => {
    const topic = await scope().createTopic('hold')
    await scope().send(topic, numbered(5))
    await using consumer = await make(scope())
    const forMs = 300
    const calls: { texts: string[]; atMs: number }[] = []
    const options = { topic, name: scope().topic('pause') }
    await using consumption = await consumer.consume(options, async (messages) => {
      calls.push({ texts: messages.map(text), atMs: performance.now() })
      const wait = messages.find(({ offset }) => offset === 2n)
      return calls.length === 1 && wait !== undefined ? { from: wait.offset, forMs } : undefined
    })
    await scope().waitFor(async () => (await consumption.lag()) === 3n, {
      what: 'The commit before the pause',
    })
    await consumption.whenCaughtUp()
    const [first, ...others] = calls
    expect(first?.texts).toEqual(['0', '1', '2', '3', '4'])
    expect(others.flatMap(({ texts }) => texts)).toEqual(['2', '3', '4'])
    // Timers may fire a millisecond early.
    expect((others[0]?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(forMs - 1)
  })

  test('a paused partition does not pause another one', async () => {
    const topic = await scope().createTopic('others', { partitions: 2 })
    await scope().send(topic, [...numbered(1, 0), ...numbered(1, 1)])
    await using consumer = await make(scope())
    const options = { topic, name: scope().topic('others') }
    await using consumption = await consumer.consume(options, async ([first], { partition }) =>
      partition === 0 && first !== undefined ? { from: first.offset, forMs: 3_600_000 } : undefined,
    )
    await scope().waitFor(async () => (await consumption.lag()) === 1n, {
      what: 'The commit of the other partition',
    })
    await scope().send(topic, numbered(3, 1))
    expect(await consumption.lag()).toBeGreaterThanOrEqual(1n)
    await scope().waitFor(async () => (await consumption.lag()) === 1n, {
      what: 'The commit of the later messages',
    })
  })
}
