import type { Benchmark, Sample } from '../benchmark.ts'
import type { Stage } from '../harness/stage.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const products = 100_000

export const unread: Benchmark = {
  name: 'unread',
  what: `change an attribute of ${products} records that no document contains: reads and bulk requests for it`,
  cases: [{ name: 'requests', unit: 'requests', bound: { atMost: 0 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products, brands: 100 })
  for (let number = 1; number <= stage.runs; number++) {
    const index = scope.index(`products-${number}`)
    await createProductIndex(scope.elasticsearch, index)
    const topic = await scope.createTopic(`products-${number}`, { partitions: 4 })
    const delayTopic = await scope.createTopic(`delay-${number}`)
    yield {
      case: 'requests',
      ours: await task('indexUnread', { ...addresses, topic, index, delayTopic }),
      baseline: null,
    }
  }
}
