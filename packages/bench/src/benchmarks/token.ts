import type { Benchmark, Sample } from '../benchmark.ts'
import type { Stage } from '../harness/stage.ts'
import { quantile } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const products = 1_000
const count = 300
const warmUpCount = 100
/** The first price. Each edit's price identifies it. */
const firstId = 1_000_000

export const token: Benchmark = {
  name: 'token',
  what: `commit until a wait with a token resolves, ${count} edits in sequence; compared with commit to readable by id`,
  cases: [{ name: 'p50', unit: 'ms', bound: { atMost: 4 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products, brands: 10 })
  const index = scope.index('products')
  await createProductIndex(scope.elasticsearch, index)
  for (let number = 1; number <= stage.runs; number++) {
    const instant = await scope.createTopic(`products-${number}`)
    await scope.createTopic(`products-${number}.dead-letter`)
    const topics = { instant, delay: await scope.createTopic(`delay-${number}`) }
    const [readableAt, { committedAt, resolvedAt }] = await Promise.all([
      task('indexTimed', { ...addresses, topic: instant, index, firstId, count }),
      task('waitWithTokens', { ...addresses, topics, products, firstId, count, warmUpCount, group: index }),
    ])
    const since = (at: readonly number[]): number =>
      quantile(
        at.map((time, edit) => time - (committedAt[edit] ?? Number.NaN)),
        0.5,
      )
    yield { case: 'p50', ours: since(resolvedAt), baseline: since(readableAt) }
  }
}
