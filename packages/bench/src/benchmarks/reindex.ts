import type { Benchmark, Sample } from '../benchmark.ts'
import { editTimes } from '../harness/edit-times.ts'
import { passes, usualPass } from '../harness/passes.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond, quantile } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 200_000
/** The best of the concurrencies that `indexer` tries. */
const concurrency = 8

const recordsPerSecond = 1_000
const editsPerSecond = 50
const seconds = 30
const warmUpSeconds = 20

export const reindex: Benchmark = {
  name: 'reindex',
  what: `fill an index with ${count} records joined to a parent, while its Indexer follows the topic; compared with the same reads and bulk requests, ${concurrency} at a time (edits: ${editsPerSecond} edits/s while it is filled with ${recordsPerSecond} records/s; commit to readable by id, compared with the same without)`,
  cases: [
    { name: 'fill', unit: 'records/s', bound: { atLeast: 0.75 } },
    { name: 'edits p95', unit: 'ms', bound: { atMost: 1.5 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, wants } = stage
  await fillDatabase(scope.databaseUrl, { products: count, brands: 1_000 })
  if (wants('fill')) yield* fills(stage)
  if (wants('edits p95')) yield* editsBeside(stage)
}

async function* fills({ scope, addresses, inTurns, runs }: Stage): AsyncGenerator<Sample> {
  const topic = await scope.createTopic('products', { partitions: 4 })
  await scope.createTopic('products.dead-letter')
  for (let number = 1; number <= runs; number++) {
    const names = (name: string): string[] =>
      Array.from({ length: passes }, (_, pass) => scope.index(`${name}-${number}-${pass}`))
    const indexes = names('bare')
    for (const index of indexes) await createProductIndex(scope.elasticsearch, index)
    const [bareMs, oursMs] = await inTurns(
      ['indexIds', { ...addresses, indexes, from: 1, to: count, concurrency }],
      ['reindexTable', { ...addresses, topic, aliases: names('ours') }],
    )
    yield {
      case: 'fill',
      ours: perSecond(count, usualPass(oursMs)),
      baseline: perSecond(count, usualPass(bareMs)),
    }
  }
}

async function* editsBeside(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, worker, runs } = stage
  const index = scope.index('edited')
  await createProductIndex(scope.elasticsearch, index)
  const edits = { index, products: count, editsPerSecond, seconds, warmUpSeconds }
  const topic = await scope.createTopic('followed', { partitions: 4 })
  await scope.createTopic('followed.dead-letter')
  await editTimes(stage, 'before', edits)
  for (let number = 1; number <= runs; number++) {
    const quiet = await editTimes(stage, `quiet-${number}`, edits)
    const alias = scope.index(`beside-${number}`)
    await using _load = await worker('reindexLoad', { ...addresses, topic, alias, recordsPerSecond })
    const busy = await editTimes(stage, `busy-${number}`, edits)
    yield { case: 'edits p95', ours: quantile(busy, 0.95), baseline: quantile(quiet, 0.95) }
  }
}
