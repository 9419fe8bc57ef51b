import { ConfigResourceTypes } from 'kafkajs'
import { Client } from 'pg'
import { createTestScope } from 'testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestScope } from 'testkit'

let scope: TestScope

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
})
afterAll(() => scope.close())

test("names start with the file's name and differ between scopes", async () => {
  await using other = await createTestScope(import.meta.url)
  expect(scope.prefix).toMatch(/^test-scope-[0-9a-f]{6}$/)
  expect(other.prefix).not.toBe(scope.prefix)
  expect(scope.topic('Cities')).toBe(`${scope.prefix}.Cities`)
  expect(scope.index('Cities')).toBe(`${scope.prefix}-cities`)
})

test('reads a topic from its start to its end', async () => {
  const topic = await scope.createTopic('cities', { partitions: 2 })
  expect(await scope.readTopic(topic)).toEqual([])
  await scope.send(topic, [
    { partition: 1, key: 'a', value: 'one', headers: { change: '7' } },
    { partition: 0, value: 'two' },
    { partition: 1, value: null },
  ])
  expect(await scope.readTopic(topic)).toMatchObject([
    { partition: 0, offset: 0n, key: null, text: 'two', headers: {} },
    { partition: 1, offset: 0n, key: 'a', text: 'one', headers: { change: '7' } },
    { partition: 1, offset: 1n, key: null, text: null, value: null },
  ])
})

test('creates a topic with its settings', async () => {
  const topic = await scope.createTopic('delay', { config: { 'message.timestamp.type': 'LogAppendTime' } })
  const admin = scope.kafka().admin()
  await admin.connect()
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['message.timestamp.type'] }],
  })
  await admin.disconnect()
  expect(resources[0]?.configEntries[0]?.configValue).toBe('LogAppendTime')
})

test('waitFor returns the truthy result, and its error names the condition', async () => {
  let calls = 0
  expect(await scope.waitFor(() => ++calls === 3 && 'now')).toBe('now')
  const never = scope.waitFor(() => Promise.reject(new Error('not there')), {
    timeoutMs: 30,
    what: 'The thing',
  })
  await expect(never).rejects.toMatchObject({
    message: 'The thing did not come true within 30 ms',
    cause: { message: 'not there' },
  })
})

test('close leaves no database, topic or index', async () => {
  const other = await createTestScope(import.meta.url)
  const topic = await other.createTopic('cities')
  await other.elasticsearch.index({ index: other.index('cities'), document: { name: 'Bern' } })
  await other.close()
  await other.close()

  expect(await scope.elasticsearch.indices.exists({ index: other.index('cities') })).toBe(false)
  const admin = scope.kafka().admin()
  await admin.connect()
  expect(await admin.listTopics()).not.toContain(topic)
  await admin.disconnect()
  const client = new Client({ connectionString: other.databaseUrl })
  await expect(client.connect()).rejects.toThrow('does not exist')
})

test('indexes were left behind when their names did not fit into one request line', async () => {
  const other = await createTestScope(import.meta.url)
  const names = Array.from({ length: 20 }, (_, number) => other.index(`${'long-'.repeat(40)}${number}`))
  const settings = { number_of_replicas: 0 }
  await Promise.all(names.map((index) => other.elasticsearch.indices.create({ index, settings })))
  await other.close()
  for (const index of names) expect(await scope.elasticsearch.indices.exists({ index })).toBe(false)
})
