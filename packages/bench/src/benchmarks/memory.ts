import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic, naming } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const count = 2_000_000
const products = 200_000

/** Node's default heap limit on this machine, and its default in a container of 1 GB. */
const heaps = [
  { suffix: '', nodeOptions: [] },
  { suffix: ' limited', nodeOptions: ['--max-old-space-size=512'] },
]

export const memory: Benchmark = {
  name: 'memory',
  what: `drain ${count} messages: resident memory at the end, compared with that after a tenth`,
  cases: [
    { name: 'peak', unit: 'MB', bound: { atMost: 300 } },
    { name: 'growth limited', unit: 'MB', bound: { atMost: 1.1 } },
    { name: 'peak limited', unit: 'MB', bound: { atMost: 300 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products, brands: 1_000 })
  const topic = await scope.createTopic('products', { partitions: 4 })
  await fillTopic(scope, topic, count, (index) => naming(1 + (index % products)))
  for (let number = 1; number <= stage.runs; number++)
    for (const { suffix, nodeOptions } of heaps) {
      const cases = { growth: `growth${suffix}`, peak: `peak${suffix}` }
      if (!stage.wants(cases.growth) && !stage.wants(cases.peak)) continue
      const index = scope.index(`products-${number}${suffix.replace(' ', '-')}`)
      await createProductIndex(scope.elasticsearch, index)
      const course = await task('indexMemory', { ...addresses, topic, index, count }, nodeOptions)
      // Without a limit, V8 lets a heap grow to four times the memory in use, which says nothing about the worker.
      if (suffix !== '') yield { case: cases.growth, ours: course.atEnd, baseline: course.atTenth }
      yield { case: cases.peak, ours: course.peak, baseline: null }
    }
}
