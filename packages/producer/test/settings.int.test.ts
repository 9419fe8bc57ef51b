import { Producer } from '@kt/producer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let scope: TestScope
let producer: Producer
beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  producer = new Producer({ kafka: scope.kafka(), timeoutMs: 2_000 })
})
afterAll(async () => {
  await producer.close()
  await scope.close()
})

test.each([
  ['max.message.bytes', '1000', 'x'.repeat(5_000)],
  ['cleanup.policy', 'compact', 'x'],
])('the error names the setting %s of a topic that rejects a message', async (setting, to, value) => {
  const topic = await scope.createTopic(setting.replaceAll('.', '-'), { config: { [setting]: to } })
  await expect(producer.produce(value, { topic })).rejects.toMatchObject({ retryable: false })
})
