import type { Benchmark, Sample } from '../benchmark.ts'
import { passes, usualPass } from '../harness/passes.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 200_000
/** The best of the concurrencies that `indexer` tries. */
const concurrency = 8

export const reindex: Benchmark = {
  name: 'reindex',
  what: `fill an index with ${count} records joined to a parent, while its Indexer follows the topic; compared with the same reads and bulk requests, ${concurrency} at a time`,
  cases: [{ name: 'fill', unit: 'records/s', bound: { atLeast: 0.75 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, inTurns } = stage
  await fillDatabase(scope.databaseUrl, { products: count, brands: 1_000 })
  const topic = await scope.createTopic('products', { partitions: 4 })
  await scope.createTopic('products.dead-letter')
  for (let number = 1; number <= stage.runs; number++) {
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
