import type { Benchmark, Sample } from '../benchmark.ts'
import type { Stage } from '../harness/stage.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 100_000
/** Longer than the changes take, so that no delay message comes due before its change is indexed. */
const delayMs = 60_000

export const heal: Benchmark = {
  name: 'heal',
  what: `${count} changes and their delay messages, which come due without any failure; compared with one load per change`,
  cases: [{ name: 'loads', unit: 'records loaded', bound: { atMost: 1.05 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products: count, brands: 1_000 })
  for (let number = 1; number <= stage.runs; number++) {
    const index = scope.index(`products-${number}`)
    await createProductIndex(scope.elasticsearch, index)
    const topics = {
      instant: await scope.createTopic(`products-${number}`, { partitions: 4 }),
      delay: await scope.createTopic(`delay-${number}`, {
        config: { 'message.timestamp.type': 'LogAppendTime' },
      }),
    }
    const loads = await task('heal', { ...addresses, index, topics, delayMs, count })
    yield { case: 'loads', ours: loads, baseline: count }
  }
}
