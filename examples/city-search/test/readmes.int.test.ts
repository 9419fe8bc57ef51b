import { execFile, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Admin } from 'kafkajs'
import { Sequelize } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

const repository = new URL('../../../', import.meta.url)
// The benchmarks depend on all packages. There, the TypeScript of the READMEs is loaded as that of the packages is.
const folder = fileURLToPath(new URL('packages/bench/.readmes/', repository))
const fromSource = ['--conditions=@kt/source', '--import', 'tsx']

const ofQuickStart = ['products', 'products.dead-letter', 'delay_5m', 'delay_5m.dead-letter']
const ofExamples = ['cities', 'cities.dead-letter', 'topic1', 'topic2', 'topic3']

let scope: TestScope
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  const { databaseUrl, elasticsearchUrl } = scope
  env = { ...process.env, KAFKA: scope.brokers[0], ELASTICSEARCH: elasticsearchUrl, DATABASE: databaseUrl }
  await mkdir(folder, { recursive: true })
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const index of ['products', 'cities'])
    await scope.elasticsearch.indices.delete({ index, ignore_unavailable: true })
  await withAdmin((admin) => admin.deleteTopics({ topics: [...ofQuickStart, ...ofExamples] }))
  await scope.close()
})

async function snippets(readme: string): Promise<readonly string[]> {
  const text = await readFile(new URL(readme, repository), 'utf8')
  return Array.from(text.matchAll(/^```ts\n(.*?)^```/gms), ([, code = '']) => code)
}

/** Changes nothing but the addresses. */
async function write(name: string, code: string): Promise<void> {
  const adapted = code
    .replaceAll("'localhost:9092'", JSON.stringify(env['KAFKA']))
    .replaceAll("'http://localhost:9200'", JSON.stringify(env['ELASTICSEARCH']))
    .replaceAll(/'postgres:\/\/localhost\/\w+'/g, JSON.stringify(env['DATABASE']))
  await writeFile(join(folder, name), adapted)
}

function run(name: string): Promise<unknown> {
  return promisify(execFile)(process.execPath, [...fromSource, name], { cwd: folder, env, timeout: 60_000 })
}

/** Runs a worker until `isDone`, then sends SIGTERM. Resolves with the exit code. */
async function runUntil(isDone: () => Promise<boolean>, what: string, name: string): Promise<unknown> {
  const worker = spawn(process.execPath, [...fromSource, name], { cwd: folder, env, stdio: 'inherit' })
  const ended = new Promise<unknown>((resolve) =>
    worker.once('exit', (code, signal) => resolve(code ?? signal)),
  )
  await scope.waitFor(isDone, { what })
  worker.kill('SIGTERM')
  return ended
}

async function isIndexed(index: string, q: string): Promise<boolean> {
  await scope.elasticsearch.indices.refresh({ index, ignore_unavailable: true })
  const { hits } = await scope.elasticsearch.search({ index, q, ignore_unavailable: true })
  return hits.hits.length > 0
}

async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = scope.kafka().admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Kafka knows a member slightly before the member itself does. So it has to be there at a second look, too. */
function hasMember(group: string): () => Promise<boolean> {
  let looks = 0
  return async () => {
    const { groups } = await withAdmin((admin) => admin.describeGroups([group]))
    const isMember = groups.some(({ state, members }) => state === 'Stable' && members.length > 0)
    looks = isMember ? looks + 1 : 0
    return looks > 1
  }
}

async function hasCommitted(groupId: string, topic: string): Promise<boolean> {
  const [offsets] = await withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
  return offsets?.partitions.some(({ offset }) => Number(offset) > 0) ?? false
}

it('the composition by hand runs as it is pasted, and its worker ends on SIGTERM', async () => {
  for (const code of await snippets('docs/composing-by-hand.md')) {
    const [, name] = /^\/\/ ([\w-]+\.ts)\n/.exec(code) ?? []
    if (name !== undefined) await write(name, code)
  }
  await run('setup.ts')
  const worker = runUntil(() => isIndexed('products', 'name:lamp'), 'The lamp in the index', 'worker.ts')
  await run('application.ts')
  expect(await worker).toBe(0)
})

it("the first example of each package's README runs as it is pasted", { timeout: 120_000 }, async () => {
  await withAdmin((admin) =>
    admin.createTopics({ topics: ofExamples.map((topic) => ({ topic, numPartitions: 2 })) }),
  )
  const database = new Sequelize(scope.databaseUrl, { logging: false })
  await database.query(
    'CREATE TABLE cities (id serial PRIMARY KEY, name text, "countryCode" text, "createdAt" timestamptz, "updatedAt" timestamptz)',
  )
  await database.close()

  const [producing = ''] = await snippets('packages/producer/README.md')
  await write('producing.ts', producing)
  await run('producing.ts')

  const [consuming = ''] = await snippets('packages/consumer/README.md')
  await write('consuming.ts', consuming)
  const isConsumed = (): Promise<boolean> => hasCommitted('cities_mailer', 'cities')
  expect(await runUntil(isConsumed, 'A committed offset', 'consuming.ts')).toBe(0)

  const [delaying = ''] = await snippets('packages/delayer/README.md')
  await write('delaying.ts', delaying)
  expect(await runUntil(hasMember('delay_5m_delayer'), 'A member in the group', 'delaying.ts')).toBe(0)

  const [streaming = '', closing = ''] = await snippets('packages/sequelize-stream/README.md')
  await write('streaming.ts', streaming + closing)
  await run('streaming.ts')

  const [indexing = ''] = await snippets('packages/indexer/README.md')
  await write('indexing.ts', indexing)
  expect(await runUntil(() => isIndexed('cities', 'name:bonn'), 'The city in the index', 'indexing.ts')).toBe(
    0,
  )
})
