import type { Benchmark, Sample } from '../benchmark.ts'
import { editTimes } from '../harness/edit-times.ts'
import type { Stage } from '../harness/stage.ts'
import { quantile } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const products = 10_000
const editsPerSecond = 100
const seconds = 60
/** Time for V8 to compile the code. In the first 30 s, the slowest edits take half as long again. */
const warmUpSeconds = 30
/** Services need longer. In their first two minutes of this work, the slowest edits take twice as long. */
const servicesWarmUpSeconds = 120
const bareCount = 1_000

export const latency: Benchmark = {
  name: 'latency',
  what: `commit to readable by id, ${editsPerSecond} edits/s for ${seconds} s; compared with Kafka, one read and one bulk request in sequence (p99: with our own p50)`,
  cases: [
    { name: 'p50', unit: 'ms', bound: { atMost: 1.6 } },
    { name: 'p99', unit: 'ms', bound: { atMost: 4 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task, progress } = stage
  await fillDatabase(scope.databaseUrl, { products, brands: 100 })
  const bareTopic = await scope.createTopic('bare')
  const index = scope.index('products')
  await createProductIndex(scope.elasticsearch, index)
  const bareTimes = () => task('bareChain', { ...addresses, topic: bareTopic, index, count: bareCount })
  const edits = (name: string, seconds: number): Promise<number[]> =>
    editTimes(stage, name, { index, products, editsPerSecond, seconds, warmUpSeconds })
  progress(`${servicesWarmUpSeconds} s of warm-up edits`)
  await bareTimes()
  await edits('before', servicesWarmUpSeconds)
  for (let number = 1; number <= stage.runs; number++) {
    const bare = await bareTimes()
    const times = await edits(String(number), seconds)
    const p50 = quantile(times, 0.5)
    yield { case: 'p50', ours: p50, baseline: quantile(bare, 0.5) }
    yield { case: 'p99', ours: quantile(times, 0.99), baseline: p50 }
  }
}
