import type { Benchmark, Sample } from '../benchmark.ts'
import { editTimes } from '../harness/edit-times.ts'
import type { Stage } from '../harness/stage.ts'
import { quantile } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const children = 300_000
const recordsPerSecond = 1_000
const editsPerSecond = 50
const seconds = 30
const warmUpSeconds = 20

export const lane: Benchmark = {
  name: 'lane',
  what: `${editsPerSecond} edits/s while the rename of a parent of ${children} children is in a lane of ${recordsPerSecond} records/s; commit to readable by id, compared with the same without a rename`,
  cases: [{ name: 'p95', unit: 'ms', bound: { atMost: 1.5 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, worker } = stage
  await fillDatabase(scope.databaseUrl, { products: children, brands: 1 })
  const index = scope.index('products')
  await createProductIndex(scope.elasticsearch, index)
  const edits = { index, products: children, editsPerSecond, seconds, warmUpSeconds }
  await editTimes(stage, 'before', edits)
  for (let number = 1; number <= stage.runs; number++) {
    const quiet = await editTimes(stage, `quiet-${number}`, edits)
    const topics = {
      products: await scope.createTopic(`renamed-${number}`),
      brands: await scope.createTopic(`brands-${number}`),
      cascaded: await scope.createTopic(`cascaded-${number}`, { partitions: 4 }),
      lane: await scope.createTopic(`lane-${number}`),
      delay: await scope.createTopic(`delay-renamed-${number}`),
    }
    for (const topic of ['brands', 'lane']) await scope.createTopic(`${topic}-${number}.dead-letter`)
    await using _load = await worker('laneLoad', { ...addresses, index, topics, recordsPerSecond })
    const busy = await editTimes(stage, `busy-${number}`, edits)
    yield { case: 'p95', ours: quantile(busy, 0.95), baseline: quantile(quiet, 0.95) }
  }
}
