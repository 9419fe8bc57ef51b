import { silentLogger } from '@kt/core'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClosingStack } from '../src/run/closing-stack.ts'
import { environmentOf, openExample } from './support/open-example.ts'
import type { Example } from './support/open-example.ts'
import { requester } from './support/request.ts'

const opened = new ClosingStack(silentLogger)
let ask: ReturnType<typeof requester>
let scope: TestScope
let example: Example

// Nothing listens on the first port of a machine.
const away = { KT_KAFKA_BROKERS: '127.0.0.1:1', KT_ELASTICSEARCH_URL: 'http://127.0.0.1:1' }

beforeAll(async () => {
  scope = opened.add(await createTestScope(import.meta.url))
  example = await openExample(environmentOf(scope, away))
  await example.createTables()
  await example.loadCountries()
  await example.City.create({
    id: 1,
    name: 'Secret',
    countryCode: 'CH',
    population: 1,
    latitude: 0,
    longitude: 0,
  })
  const sync = example.newSync()
  opened.add({ close: () => sync.shutdown() })
  sync.stream()
  const web = opened.add(await example.startWeb(sync, silentLogger))
  ask = requester(web.url)
})
afterAll(() => opened.close())

it.each([
  ['GET', '/cities?q=a', undefined, 'Elasticsearch is not available'],
  ['GET', '/cities/1', undefined, 'Elasticsearch is not available'],
  ['GET', '/status', undefined, 'Kafka is not available'],
  ['PATCH', '/cities/1', { name: 'Other' }, 'Kafka is not available; nothing was changed'],
  [
    'PATCH',
    '/cities/1',
    { name: 'Other', losesInstant: true },
    'Kafka is not available; nothing was changed',
  ],
  ['DELETE', '/cities/1', undefined, 'Kafka is not available; nothing was changed'],
])('%s %s is a 503 that names the unavailable service', async (method, path, body, reason) => {
  const answer = await ask(method, path, body)
  expect(answer.status).toBe(503)
  expect(answer.error).toContain(reason)
  expect(answer.error).not.toContain('Secret')
})

it('leaves the row unchanged', async () => {
  expect((await example.City.findByPk(1))?.name).toBe('Secret')
})
