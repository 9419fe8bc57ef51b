import { Client } from 'pg'
import type { Benchmark, Sample } from '../benchmark.ts'
import { passes, usualPass } from '../harness/passes.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'
import { createProductIndex } from '../model/product-index.ts'

const children = 100_000
const concurrencies = [1, 2, 4, 8]

export const cascade: Benchmark = {
  name: 'cascade',
  what: `rename a parent of ${children} children until all are indexed; compared with the bare loop on those children`,
  cases: [
    { name: 'rename', unit: 'records/s', bound: { atLeast: 0.7 } },
    { name: 'edit meanwhile', unit: 'ms', bound: { atMost: 2_000 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  await fillDatabase(scope.databaseUrl, { products: children, brands: 1 })
  const otherProductId = await addOtherBrand(scope.databaseUrl)
  for (let number = 1; number <= stage.runs; number++) {
    // Each side has its own index. The documents already exist when the measurement starts.
    const newIndex = async (name: string): Promise<string> => {
      const index = scope.index(`${name}-${number}`)
      await createProductIndex(scope.elasticsearch, index)
      return index
    }
    let baseline = 0
    for (const concurrency of concurrencies) {
      const index = await newIndex(`bare-${concurrency}`)
      const indexes = Array.from({ length: passes }, () => index)
      const ms = await task('indexIds', { ...addresses, indexes, from: 1, to: children, concurrency })
      baseline = Math.max(baseline, perSecond(children, usualPass(ms)))
    }
    const index = await newIndex('products')
    const topics = {
      products: await scope.createTopic(`products-${number}`),
      brands: await scope.createTopic(`brands-${number}`),
      cascaded: await scope.createTopic(`cascaded-${number}`, { partitions: 4 }),
      delay: await scope.createTopic(`delay-${number}`),
    }
    const input = { ...addresses, index, topics, brandId: 1, otherProductId, renames: passes }
    const { renameMs, editMs } = await task('cascade', input)
    yield { case: 'rename', ours: perSecond(children, usualPass(renameMs)), baseline }
    yield { case: 'edit meanwhile', ours: Math.max(...editMs), baseline: null }
  }
}

/** A product that the rename does not affect. */
async function addOtherBrand(databaseUrl: string): Promise<number> {
  const id = children + 1
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`
    INSERT INTO brands VALUES (2, 'Another');
    INSERT INTO products VALUES (${id}, 'Another', 1, 2)`)
  await client.end()
  return id
}
