import { ElasticsearchServer, environmentNames, freePort, KafkaCluster, PostgresServer } from 'testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openProject } from './support/project.ts'
import type { Project } from './support/project.ts'

// Services of its own, since it freezes them.
const kafka = new KafkaCluster()
const elasticsearch = new ElasticsearchServer()
const postgres = new PostgresServer()
const services = [kafka, elasticsearch, postgres]
let project: Project

interface Problems {
  readonly problems: readonly { readonly subject: string }[]
}

beforeAll(async () => {
  await Promise.all(services.map((each) => each.start()))
  vi.stubEnv(environmentNames.kafka, kafka.brokers.join(','))
  vi.stubEnv(environmentNames.elasticsearch, elasticsearch.url)
  vi.stubEnv(environmentNames.database, postgres.url)
  project = await openProject(import.meta.url)
  await project.sql(`CREATE TABLE brands (id serial PRIMARY KEY, name text, "createdAt" timestamptz, "updatedAt" timestamptz);
    CREATE TABLE products (id serial PRIMARY KEY, name text, "brandId" int REFERENCES brands, "createdAt" timestamptz, "updatedAt" timestamptz)`)
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await Promise.all(services.map((each) => each.close()))
  vi.unstubAllEnvs()
})

test('workers outlive an outage of everything: live, not ready and saying why, then at work again', async () => {
  const { elasticsearch: client, waitFor } = project.scope
  const patience = { timeoutMs: 60_000 }
  const port = await freePort()
  const get = async (path: string): Promise<Response | undefined> =>
    fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
  const names = async (): Promise<readonly unknown[]> => {
    await client.indices.refresh({ index: project.alias })
    const { hits } = await client.search<{ readonly name: string }>({ index: project.alias })
    return hits.hits.map(({ _source }) => _source?.name)
  }
  expect(await project.kt(['apply'])).toMatchObject({ code: 0 })
  const workers = project.start(['run', '--port', String(port)])
  await waitFor(async () => (await get('/readyz'))?.ok, patience)
  await project.write(`await Product.create({ name: 'Before' })`)

  const whenNotReadyFor = (subject: string): Promise<unknown> =>
    waitFor(async () => {
      const answer = await get('/readyz')
      const status = (await answer?.json()) as Problems | undefined
      return status?.problems.some((each) => each.subject === subject)
    }, patience)
  for (const each of services) each.pause()
  await Promise.all([whenNotReadyFor('database'), whenNotReadyFor(project.alias)])
  expect((await get('/livez'))?.ok).toBe(true)
  for (const each of services) each.resume()

  await waitFor(async () => (await get('/readyz'))?.ok, patience)
  await project.write(`await Product.create({ name: 'After' })`)
  expect(new Set(await names())).toEqual(new Set(['After', 'Before']))
  workers.child.kill('SIGTERM')
  expect(await workers.ended).toMatchObject({ code: 0 })
}, 240_000)
