import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { changingNumber } from './changing-number.ts'

interface Request {
  readonly requestTimeout: number
  readonly request: { encode(): Promise<{ readonly buffer: Buffer }> }
}
const { protocol } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch') as {
  readonly protocol: (options: { version: number }) => (fetch: { maxWaitTime: number }) => Request
}

function fetchThatWaits(maxWaitTime: number): Request {
  const partitions = [{ partition: 0, fetchOffset: '0', maxBytes: 1 }]
  const fetch = {
    minBytes: 1,
    maxBytes: 1,
    topics: [{ topic: 'any', partitions }],
    rackId: '',
    isolationLevel: 1,
  }
  return protocol({ version: 11 })({ ...fetch, maxWaitTime })
}

test('a fetch of kafkajs waits as long as the number says when it is sent', async () => {
  let waitMs = 500
  const number = changingNumber(() => waitMs)
  for (waitMs of [500, 20]) {
    const expected = fetchThatWaits(waitMs)
    const found = fetchThatWaits(number)
    expect((await found.request.encode()).buffer).toEqual((await expected.request.encode()).buffer)
    expect(found.requestTimeout).toBe(expected.requestTimeout)
  }
})
