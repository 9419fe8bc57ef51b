import type { Benchmark, Sample } from '../benchmark.ts'
import { passes, usualPass } from '../harness/passes.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { createStreamTopics } from '../harness/stream-topics.ts'
import { fillDatabase } from '../model/database.ts'

const count = 100_000

export const bulkWrite: Benchmark = {
  name: 'bulk-write',
  what: `bulkCreate of ${count} rows in 1,000s, and one Model.update of all of them, streamed; compared with the same, not streamed`,
  cases: [
    { name: 'bulkCreate', unit: 'rows/s', bound: { atLeast: 0.5 } },
    { name: 'Model.update', unit: 'rows/s', bound: { atLeast: 0.5 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, inTurns } = stage
  await fillDatabase(scope.databaseUrl, { products: 1, brands: 1 })
  const topics = await createStreamTopics(scope)
  for (let number = 1; number <= stage.runs; number++) {
    const plain = { ...addresses, count, passes }
    const [baseline, ours] = await inTurns(['bulkWrite', plain], ['bulkWrite', { ...plain, topics }])
    const rate = (ms: readonly number[]): number => perSecond(count, usualPass(ms))
    yield { case: 'bulkCreate', ours: rate(ours.bulkCreate), baseline: rate(baseline.bulkCreate) }
    yield { case: 'Model.update', ours: rate(ours.update), baseline: rate(baseline.update) }
  }
}
