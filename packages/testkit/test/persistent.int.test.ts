import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { StartedServices } from 'testkit'
import { quietKafka, startServices } from 'testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readTopic } from '../src/scope/read-topic.ts'
import { send } from '../src/scope/send.ts'

// For several starts in a row on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kt-persistent-'))
  // PostgreSQL, started by root, runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o755)
})
afterEach(() => rm(folder, { recursive: true }))

test('data in a persistent folder outlive the services and are available to the next ones', async () => {
  const first = await start()
  await send(quietKafka({ brokers: brokersOf(first) }), 'cities', [{ value: 'Bern' }])
  await query(first, 'CREATE TABLE cities (name text)')
  await query(first, `INSERT INTO cities VALUES ('Bern')`)
  await putDocument(first)
  await first.close()

  await using second = await start()
  const messages = await readTopic(quietKafka({ brokers: brokersOf(second) }), 'cities')
  expect(messages.map(({ text }) => text)).toEqual(['Bern'])
  expect(await query(second, 'SELECT name FROM cities')).toEqual([{ name: 'Bern' }])
  expect(await readDocument(second)).toEqual({ name: 'Bern' })
})

function start(): Promise<StartedServices> {
  return startServices({ services: ['kafka', 'elasticsearch', 'database'], persistent: folder })
}

function brokersOf({ environment }: StartedServices): string[] {
  return environment['KT_KAFKA_BROKERS']?.split(',') ?? []
}

async function query({ environment }: StartedServices, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: environment['KT_DATABASE_URL'] })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function putDocument({ environment }: StartedServices): Promise<void> {
  await fetch(`${environment['KT_ELASTICSEARCH_URL']}/cities/_doc/1`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bern' }),
  })
}

async function readDocument({ environment }: StartedServices): Promise<unknown> {
  const response = await fetch(`${environment['KT_ELASTICSEARCH_URL']}/cities/_source/1`)
  return response.json()
}
