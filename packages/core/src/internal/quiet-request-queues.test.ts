import { expect, test } from 'vitest'
import { silentLogger } from '../ports/logger.ts'
import { quietRequestQueues } from './quiet-request-queues.ts'

/** A request queue like the one in kafkajs 2.2.4. It counts how often it schedules a check. */
function queueClass(throttledUntil: unknown = -1) {
  return class RequestQueue {
    readonly pending: unknown = []
    readonly throttledUntil: unknown = throttledUntil
    checks = 0

    scheduleCheckPendingRequests(): void {
      this.checks += 1
    }
  }
}

test.each([
  ['an import of CommonJS', (exported: unknown) => ({ default: exported })],
  ['require', (exported: unknown) => exported],
])('an idle queue schedules no check when loaded by %s', async (_, wrap) => {
  const RequestQueue = queueClass()
  const open = new RequestQueue()
  await quietRequestQueues(() => Promise.resolve(wrap(RequestQueue)), silentLogger)
  open.scheduleCheckPendingRequests()
  expect(open.checks).toBe(0)
})

test('a throttled queue schedules a check', async () => {
  const RequestQueue = queueClass(Date.now() + 60_000)
  await quietRequestQueues(() => Promise.resolve(RequestQueue), silentLogger)
  const queue = new RequestQueue()
  queue.scheduleCheckPendingRequests()
  expect(queue.checks).toBe(1)
})

test('a queue without the fields of kafkajs 2.2.4 is unaffected', async () => {
  const RequestQueue = queueClass('never')
  await quietRequestQueues(() => Promise.resolve(RequestQueue), silentLogger)
  const queue = new RequestQueue()
  queue.scheduleCheckPendingRequests()
  expect(queue.checks).toBe(1)
})

test.each([
  ['nothing', () => Promise.resolve(undefined)],
  ['null', () => Promise.resolve(null)],
  ['no class', () => Promise.resolve({ default: 7 })],
  ['a class without the method', () => Promise.resolve({ default: Map })],
  ['a rejection', () => Promise.reject(new Error('Cannot find module'))],
  [
    'an error',
    () => {
      throw new Error('Cannot find module')
    },
  ],
])('never rejects when loading returns %s', async (_, load: () => Promise<unknown>) => {
  await expect(quietRequestQueues(load, silentLogger)).resolves.toBeUndefined()
})
