import { expect, test } from 'vitest'
import { send, text } from '../test/support/send.ts'
import { memoryKafka } from './index.ts'

test('workers of a group share the partitions, and go on when a worker is closed', async () => {
  const kafka = memoryKafka({ partitions: 4 })
  const seen = { first: new Set<number>(), second: new Set<number>() }
  const start = (who: 'first' | 'second') =>
    kafka.consumer().consume({ topic: 'cities', name: 'a' }, async (_, { partition }) => {
      seen[who].add(partition)
    })
  const first = await start('first')
  await start('second')
  for (const partition of [0, 1, 2, 3]) await send(kafka, 1, partition)
  await kafka.whenCaughtUp()
  expect(seen).toEqual({ first: new Set([0, 2]), second: new Set([1, 3]) })
  await first.close()
  for (const partition of [0, 1, 2, 3]) await send(kafka, 1, partition)
  await kafka.whenCaughtUp()
  expect(seen.second).toEqual(new Set([0, 1, 2, 3]))
})

test('a standby takes over a partition', async () => {
  const kafka = memoryKafka()
  const seen: string[] = []
  const start = (who: string) =>
    kafka.consumer().consume({ topic: 'cities', name: 'a', partition: 0 }, async (messages) => {
      seen.push(...messages.map((each) => `${who}${text(each)}`))
    })
  const active = await start('active')
  await start('standby')
  await send(kafka, 1)
  await kafka.whenCaughtUp()
  await active.close()
  await send(kafka, 1)
  await kafka.whenCaughtUp()
  expect(seen).toEqual(['active0', 'standby0'])
})

test('a rebalance fires the signal, and delivers what was not committed to the new owner', async () => {
  const kafka = memoryKafka({ partitions: 2 })
  await send(kafka, 1, 1)
  const consumer = kafka.consumer()
  let entered = (): void => undefined
  const inHandler = new Promise<void>((resolve) => (entered = resolve))
  await consumer.consume({ topic: 'cities', name: 'a' }, async (_, { signal }) => {
    entered()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  await inHandler
  const seen: number[] = []
  await consumer.consume({ topic: 'cities', name: 'a' }, async (_, { partition, attempt }) => {
    seen.push(partition, attempt)
  })
  await kafka.whenCaughtUp()
  expect(seen).toEqual([1, 1])
})

test('with from: latest, a new group gets only what is sent later', async () => {
  const kafka = memoryKafka()
  await send(kafka, 2)
  const seen: bigint[] = []
  await kafka.consumer().consume({ topic: 'cities', name: 'a', from: 'latest' }, async (messages) => {
    seen.push(...messages.map(({ offset }) => offset))
  })
  await send(kafka, 1)
  await kafka.whenCaughtUp()
  expect(seen).toEqual([2n])
})

test('whenCaughtUp does not wait for groups without a worker', async () => {
  const kafka = memoryKafka()
  const worker = await kafka.consumer().consume({ topic: 'cities', name: 'a' }, async () => undefined)
  await worker.close()
  await send(kafka, 3)
  await kafka.whenCaughtUp()
  expect(await worker.lag()).toBe(3n)
})
