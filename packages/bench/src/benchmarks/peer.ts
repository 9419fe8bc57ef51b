import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import type { Benchmark, Sample } from '../benchmark.ts'
import type { Addresses } from '../harness/addresses.ts'
import { fillTopic, naming } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { median, perSecond } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex, productProperties } from '../model/product-index.ts'
import { Documents, now } from '../peer/documents.ts'
import { pgSyncSchema } from '../peer/pg-sync-schema.ts'
import { PgSync } from '../peer/pg-sync.ts'
import { RedisServer } from '../peer/redis-server.ts'
import { requireLogicalDecoding } from '../peer/require-logical-decoding.ts'
import type { ChangeTimes } from '../tasks/make-changes.ts'

const products = 100_000
const brands = 1_000
const updates = 50_000
const edits = 100
const renames = 10
/** As for a searched index, because PGSync finds the products of a brand by a search. */
const refreshInterval = '1s'
const timeoutMs = 300_000

export const peer: Benchmark = {
  name: 'peer',
  what: `${products} products with the names of ${brands} brands, indexed by our workers; compared with PGSync 7.3.0`,
  cases: [
    { name: 'index all', unit: 'docs/s', bound: { atLeast: 6 } },
    { name: 'queue and index all', unit: 'docs/s', bound: { atLeast: 1 } },
    { name: `update ${updates}`, unit: 'docs/s', bound: { atLeast: 8 } },
    { name: 'latency', unit: 'ms', bound: { atMost: 1 / 8 } },
    { name: 'rename brand', unit: 'ms', bound: { atMost: 1 / 5 } },
  ],
  onRequest: true,
  databaseSettings: { wal_level: 'logical' },
  run,
}

/** Measurements of one side in one run. */
interface Measured extends ChangeTimes {
  /** Time of the first load. On our side, a new Indexer processes a topic with the ids of all records. */
  readonly indexAllMs: number
  /** The same, but on our side it includes queueing the ids. */
  readonly queueAndIndexAllMs: number
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, progress } = stage
  await requireLogicalDecoding(scope.databaseUrl)
  await using redis = new RedisServer({ onProgress: progress })
  await redis.start()
  await warmUp(stage)
  for (let number = 1; number <= stage.runs; number++) {
    const baseline = await withOwnScope('pgsync', (own) => measurePgSync(stage, own, redis.url))
    const ours = await withOwnScope('peer-ours', (own) => measureOurs(stage, own))
    progress(
      `the UPDATE has committed: ours after ${seconds(ours)} s, that of PGSync after ${seconds(baseline)} s`,
    )
    yield* samples(stage, ours, baseline)
  }
}

function seconds({ commitMs }: Measured): string {
  return (commitMs / 1_000).toFixed(1)
}

function* samples({ wants }: Stage, ours: Measured, baseline: Measured): Generator<Sample> {
  const both = (name: string, value: (measured: Measured) => number): Sample[] =>
    wants(name) ? [{ case: name, ours: value(ours), baseline: value(baseline) }] : []
  yield* both('index all', ({ indexAllMs }) => perSecond(products, indexAllMs))
  yield* both('queue and index all', ({ queueAndIndexAllMs }) => perSecond(products, queueAndIndexAllMs))
  yield* both(`update ${updates}`, ({ updateMs }) => perSecond(updates, updateMs))
  yield* both('latency', ({ editMs }) => median(editMs))
  yield* both('rename brand', ({ renameMs }) => median(renameMs))
}

/** Keeps the services' first requests, and the creation of Kafka's offsets topic, out of both sides' times. */
async function warmUp(stage: Stage): Promise<void> {
  await withOwnScope('peer-warm-up', (own) => drainAll(stage, own))
}

/** Gives each side its own tables, without the other side's writes and triggers. */
async function withOwnScope<T>(name: string, use: (scope: TestScope) => Promise<T>): Promise<T> {
  await using scope = await createTestScope(name)
  await fillDatabase(scope.databaseUrl, { products, brands })
  return await use(scope)
}

function addressesOf({ brokers, elasticsearchUrl, databaseUrl }: TestScope): Addresses {
  return { brokers, elasticsearchUrl, databaseUrl }
}

async function measurePgSync(stage: Stage, scope: TestScope, redisUrl: string): Promise<Measured> {
  const { databaseUrl, elasticsearchUrl, elasticsearch } = scope
  const index = scope.index('products')
  const settings = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: refreshInterval }
  const database = new URL(databaseUrl).pathname.slice(1)
  const schema = pgSyncSchema(database, index, settings, productProperties)
  await using pgSync = new PgSync({
    databaseUrl,
    elasticsearchUrl,
    redisUrl,
    schema,
    onProgress: stage.progress,
  })
  await pgSync.start()
  const startedAt = now()
  const indexedAt = await new Documents(elasticsearch, index).untilWritten(products, 0)
  await pgSync.untilFollowing(timeoutMs)
  const times = await stage.task('makeChanges', { ...addressesOf(scope), index, ...counts(stage) })
  const indexAllMs = indexedAt - startedAt
  return { indexAllMs, queueAndIndexAllMs: indexAllMs, ...times }
}

async function measureOurs(stage: Stage, scope: TestScope): Promise<Measured> {
  const { task, worker } = stage
  const indexAllMs = await drainAll(stage, scope)
  const index = scope.index('followed')
  await createProductIndex(scope.elasticsearch, index, refreshInterval)
  const topics = {
    products: await scope.createTopic('products', { partitions: 4 }),
    brands: await scope.createTopic('brands'),
    cascaded: await scope.createTopic('cascaded'),
    delay: await scope.createTopic('delay'),
  }
  const common = { ...addressesOf(scope), index }
  await using _worker = await worker('followChanges', { ...common, topics })
  const [startedAt, indexedAt] = await Promise.all([
    task('queueAll', { ...common, topic: topics.products }),
    new Documents(scope.elasticsearch, index).untilWritten(products, 0),
  ])
  const times = await task('makeChanges', { ...common, topics, ...counts(stage) })
  return { indexAllMs, queueAndIndexAllMs: indexedAt - startedAt, ...times }
}

/** Makes a new Indexer process a topic with all product ids. Resolves with the milliseconds, including the join. */
async function drainAll({ task }: Stage, scope: TestScope): Promise<number> {
  const topic = await scope.createTopic('all', { partitions: 4 })
  await fillTopic(scope, topic, products, (index) => naming(index + 1))
  const index = scope.index('drained')
  await createProductIndex(scope.elasticsearch, index, refreshInterval)
  const [ms = Number.NaN] = await task('indexTopic', { ...addressesOf(scope), topic, indexes: [index] })
  await new Documents(scope.elasticsearch, index).untilWritten(products, 0)
  return ms
}

/** Returns the number of changes after the first load. Each kind is only made if its case is requested. */
function counts({ wants }: Stage): { updates: number; edits: number; renames: number } {
  return {
    updates: wants(`update ${updates}`) ? updates : 0,
    edits: wants('latency') ? edits : 0,
    renames: wants('rename brand') ? renames : 0,
  }
}
