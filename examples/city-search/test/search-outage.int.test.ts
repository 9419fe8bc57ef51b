import { silentLogger } from '@kt/core'
import { createTestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ClosingStack } from '../src/run/closing-stack.ts'
import { environmentOf, openExample } from './support/open-example.ts'
import { requester } from './support/request.ts'

const opened = new ClosingStack(silentLogger)
let ask: ReturnType<typeof requester>

beforeAll(async () => {
  const scope = opened.add(await createTestScope(import.meta.url))
  // Nothing listens on the first port of a machine.
  const environment = environmentOf(scope, { KT_ELASTICSEARCH_URL: 'http://127.0.0.1:1' })
  const example = await openExample(environment)
  await example.createTables()
  const sync = example.newSync()
  opened.add({ close: () => sync.shutdown() })
  // Creates the topics, too.
  await sync.run({ only: ['delayer'], signals: [] })
  const web = opened.add(await example.startWeb(sync, silentLogger))
  ask = requester(web.url)
})
afterAll(() => opened.close())

it('the status says which service is unavailable', async () => {
  const { status, error } = await ask('GET', '/status')
  expect(status).toBe(503)
  expect(error).toContain('Elasticsearch is not available')
})
