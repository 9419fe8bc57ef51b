import { silentLogger } from '@kt/core'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { openConnections } from '../src/connections.ts'
import { loadCountries } from '../src/load/load-countries.ts'
import { City } from '../src/models/city.ts'
import { ClosingStack } from '../src/run/closing-stack.ts'
import { startWeb } from '../src/web/server.ts'
import { requester } from './support/request.ts'
import { environmentOf } from './support/start-app.ts'

const opened = new ClosingStack(silentLogger)
let ask: ReturnType<typeof requester>
let scope: TestScope

// Nothing listens on the first port of a machine.
const away = { KT_KAFKA_BROKERS: '127.0.0.1:1', KT_ELASTICSEARCH_URL: 'http://127.0.0.1:1' }

beforeAll(async () => {
  scope = opened.add(await createTestScope(import.meta.url))
  const connections = opened.add(openConnections(readConfig(environmentOf(scope, away)), silentLogger))
  const { sequelize } = connections
  await sequelize.sync()
  await loadCountries(sequelize)
  // Bypasses the model, which would try to send messages.
  await sequelize.query(
    `INSERT INTO cities (id, name, country_code, population, latitude, longitude, created_at, updated_at)
     VALUES (1, 'Secret', 'CH', 1, 0, 0, now(), now())`,
  )
  const web = opened.add(await startWeb(connections))
  ask = requester(web.url)
})
afterAll(() => opened.close())

it.each([
  ['GET', '/cities?q=a', undefined, 'Elasticsearch is not available'],
  ['GET', '/cities/1', undefined, 'Elasticsearch is not available'],
  ['GET', '/status', undefined, 'Kafka is not available'],
  ['PATCH', '/cities/1', { name: 'Other' }, 'Kafka is not available; nothing was changed'],
  ['DELETE', '/cities/1', undefined, 'Kafka is not available; nothing was changed'],
])('%s %s is a 503 that names the unavailable service', async (method, path, body, reason) => {
  const answer = await ask(method, path, body)
  expect(answer.status).toBe(503)
  expect(answer.error).toContain(reason)
  expect(answer.error).not.toContain('Secret')
})

it('leaves the row unchanged', async () => {
  expect((await City.findByPk(1))?.name).toBe('Secret')
})
