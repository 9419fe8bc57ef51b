import type { MessageProducer, ProduceOptions } from '@kt/core'
import { expect, test } from 'vitest'
import type { FaultPoint } from '../harness/fault-points.ts'
import { FaultInjector } from './fault-injector.ts'
import { FaultyProducer } from './faulty-producer.ts'

function setUp() {
  const sent: ProduceOptions[] = []
  const reached: FaultPoint[] = []
  const notUsed = () => Promise.reject(new Error('not used'))
  const inner: Required<MessageProducer> = {
    produce: notUsed,
    keyPartitioner: notUsed,
    ensureTopic: notUsed,
    batch: async (fill) => fill({ produce: (_, options) => void sent.push(options) }),
  }
  const faults = new FaultInjector((point) => reached.push(point))
  const producer = new FaultyProducer(inner, faults, (topic) => (topic === 'delay' ? 'delay' : 'instant'))
  return { producer, faults, sent, reached }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test('pauses at an armed point, and goes on when released', async () => {
  const { producer, faults, sent, reached } = setUp()
  faults.arm('delay.unsent', 2)
  await producer.produce('1', { topic: 'delay' })
  await producer.produce('2', { topic: 'cities' })
  const standing = producer.produce('3', { topic: 'delay' })
  await turn()
  expect(reached).toEqual(['delay.unsent'])
  expect(sent).toHaveLength(2)
  faults.release()
  await standing
  expect(sent).toHaveLength(3)
})

test('has started the request when it is in flight', async () => {
  const { producer, faults, sent, reached } = setUp()
  faults.arm('instant.in-flight', 1)
  const standing = producer.batch((batch) => {
    batch.produce('1', { topic: 'cities' })
    return 'result'
  })
  await turn()
  expect(reached).toEqual(['instant.in-flight'])
  expect(sent).toHaveLength(1)
  faults.release()
  expect(await standing).toBe('result')
})
