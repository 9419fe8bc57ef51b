import type { Benchmark, Sample } from '../benchmark.ts'
import { passes, usualPass } from '../harness/passes.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 100_000

export const verify: Benchmark = {
  name: 'verify',
  what: `compare ${count} documents with their records in both directions; compared with a bare scan in both directions that compares nothing`,
  cases: [
    { name: 'rate', unit: 'documents/s', bound: { atLeast: 0.5 } },
    { name: 'peak', unit: 'MB', bound: { atMost: 256 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task, inTurns } = stage
  await fillDatabase(scope.databaseUrl, { products: count, brands: 1_000 })
  const index = scope.index('products')
  await createProductIndex(scope.elasticsearch, index)
  await task('indexIds', { ...addresses, indexes: [index], from: 1, to: count, concurrency: 4 })
  await scope.elasticsearch.indices.refresh({ index })
  for (let number = 1; number <= stage.runs; number++) {
    const input = { ...addresses, index, passes }
    const [bareMs, ours] = await inTurns(['scanBothWays', input], ['verifyIndex', input])
    yield {
      case: 'rate',
      ours: perSecond(count, usualPass(ours.ms)),
      baseline: perSecond(count, usualPass(bareMs)),
    }
    yield { case: 'peak', ours: ours.peak, baseline: null }
  }
}
