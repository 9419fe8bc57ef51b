import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic, naming } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 2_000_000
const products = 200_000

export const memory: Benchmark = {
  name: 'memory',
  what: `drain ${count} messages: resident memory at the end, beside that after a tenth`,
  cases: [
    { name: 'growth', unit: 'MB', bound: { atMost: 1.1 } },
    { name: 'peak', unit: 'MB', bound: { atMost: 300 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products, brands: 1_000 })
  const topic = await scope.createTopic('products', { partitions: 4 })
  await fillTopic(scope, topic, count, (index) => naming(1 + (index % products)))
  for (let number = 1; number <= stage.runs; number++) {
    const index = scope.index(`products-${number}`)
    await createProductIndex(scope.elasticsearch, index)
    const course = await task('indexMemory', { ...addresses, topic, index, count })
    yield { case: 'growth', ours: course.atEnd, baseline: course.atTenth }
    yield { case: 'peak', ours: course.peak, baseline: null }
  }
}
