import { Client } from '@opensearch-project/opensearch'
import { Client as PostgresClient } from 'pg'
import {
  ElasticsearchServer,
  KafkaCluster,
  OpenSearchServer,
  PostgresServer,
  quietKafka,
  waitFor,
} from 'testkit'
import { describe, expect, test, vi } from 'vitest'
import { readTopic } from '../src/scope/read-topic.ts'
import { send } from '../src/scope/send.ts'
import { createTopic } from '../src/scope/topics.ts'

// For several starts in a row on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

describe('a service that is killed, paused or stopped comes back on the same port and data', () => {
  test('Kafka', async () => {
    await using cluster = new KafkaCluster()
    await cluster.start()
    const { brokers } = cluster
    const kafka = quietKafka({ brokers })
    const topic = await createTopic(kafka, 'kept')
    await send(kafka, topic, [{ value: 'one' }])

    await cluster.kill()
    await expect(send(quietKafka({ brokers, retry: { retries: 0 } }), topic, [])).rejects.toThrow(
      'ECONNREFUSED',
    )
    await cluster.start()
    expect(cluster.brokers).toEqual(brokers)
    await send(kafka, topic, [{ value: 'two' }])

    cluster.pause()
    const third = send(kafka, topic, [{ value: 'three' }])
    expect(await Promise.race([third, tick(300)])).toBe('tick')
    cluster.resume()
    await third
    expect((await readTopic(kafka, topic)).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  test('PostgreSQL', async () => {
    await using server = new PostgresServer({ settings: { wal_level: 'logical' } })
    await server.start()
    const { url } = server
    await query(url, 'CREATE TABLE cities (name text)')
    await query(url, `INSERT INTO cities VALUES ('Bern')`)

    await server.kill()
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    await server.start()
    expect(server.url).toBe(url)

    await server.restart()
    const idle = new PostgresClient({ connectionString: url })
    await idle.connect()
    server.pause()
    const answer = idle.query<Record<string, unknown>>('SELECT * FROM cities')
    expect(await Promise.race([answer, tick(300)])).toBe('tick')
    server.resume()
    expect((await answer).rows).toEqual([{ name: 'Bern' }])
    await idle.end()
    expect(await query(url, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }])
  })

  test('Elasticsearch', async () => {
    await using server = new ElasticsearchServer()
    await server.start()
    const { url } = server
    await putDocument(url)

    await server.kill()
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    await server.start()
    expect(server.url).toBe(url)
    expect(await readDocument(url)).toEqual({ name: 'Bern' })

    server.pause()
    const answer = readDocument(url)
    expect(await Promise.race([answer, tick(300)])).toBe('tick')
    server.resume()
    expect(await answer).toEqual({ name: 'Bern' })
  })

  test('OpenSearch, which answers its own client', async () => {
    await using server = new OpenSearchServer()
    await server.start()
    const client = new Client({ node: server.url })
    await client.index({ index: 'cities', id: '1', body: { name: 'Bern' } })
    await server.kill()
    await server.start()
    const { body } = await client.get({ index: 'cities', id: '1' })
    expect(body._source).toEqual({ name: 'Bern' })
    await client.close()
  })
})

describe('three brokers', () => {
  test('accept writes to all replicas while the leader is down', async () => {
    await using cluster = new KafkaCluster({ brokers: 3 })
    await cluster.start()
    const kafka = quietKafka({ brokers: cluster.brokers })
    const topic = await createTopic(kafka, 'cities')
    await send(kafka, topic, [{ value: 'before' }])

    const leader = await cluster.leaderOf(topic)
    await leader.kill()
    await send(kafka, topic, [{ value: 'during' }])
    expect((await waitFor(() => cluster.leaderOf(topic))).nodeId).not.toBe(leader.nodeId)

    await leader.start()
    await send(kafka, topic, [{ value: 'after' }])
    expect((await readTopic(kafka, topic)).map(({ text }) => text)).toEqual(['before', 'during', 'after'])
  })
})

function tick(ms: number): Promise<'tick'> {
  return new Promise((resolve) => setTimeout(resolve, ms, 'tick'))
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new PostgresClient({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function putDocument(url: string): Promise<void> {
  const response = await fetch(`${url}/cities/_doc/1`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bern' }),
  })
  expect(response.status).toBe(201)
}

async function readDocument(url: string): Promise<unknown> {
  const response = await fetch(`${url}/cities/_source/1`)
  return response.json()
}
