import { expect, test } from 'vitest'
import { differences, documentsOf } from './support/differences.ts'
import { randomGraph } from './support/random-graph.ts'
import { RandomWrites } from './support/random-writes.ts'
import { Random } from './support/random.ts'
import type { AnyModel } from './support/shops.ts'
import { openStageOf } from './support/stage.ts'
import type { Setting } from './support/stage.ts'

// SEEDS=50 WRITES=10000 takes hours, and FIRST_SEED repeats one of them.
const { SEEDS = '2', WRITES = '60', FIRST_SEED = '1' } = process.env
const seeds = Array.from({ length: Number(SEEDS) }, (_, index) => Number(FIRST_SEED) + index)
const writesPerPart = 30

test.for(seeds)(
  'after random writes to a random graph of models, every document equals the database, and few were indexed without reason, seed %i',
  { timeout: 7_200_000 },
  async (seed, { annotate }) => {
    const random = new Random(seed)
    await using stage = await openStageOf(import.meta.url, (sequelize) => randomGraph(sequelize, random))
    const { setting, sequelize } = stage
    const writes = new RandomWrites(sequelize, setting, random)
    await writes.fill()
    expect(await differences(stage)).toEqual([])

    const indexed = (): number => stage.counted('kt_indexer_records_total', 'indexed')
    const before = indexed()
    const found: unknown[] = []
    let changed = 0
    let reached = 0
    for (let count = 1; count <= Number(WRITES); count++) {
      const countChanged = await changes(setting.indexed, setting.query)
      const countReached = await changes(setting.indexed, setting.everything)
      await writes.write()
      changed += await countChanged()
      reached += await countReached()
      if (count % writesPerPart === 0) found.push(...(await differences(stage)))
    }
    expect(found).toEqual([])
    const count = indexed() - before
    await annotate(`${setting.nodes.length} models, ${changed} changes of documents, ${count} indexed`)
    // A write may reach a document in several ways at once, and a message doesn't tell whether a value is a new one.
    expect(count).toBeLessThanOrEqual(2 * reached + 20)
  },
)

/** @returns a function that counts the documents that have changed since */
async function changes(model: AnyModel, query: Setting['query']): Promise<() => Promise<number>> {
  const before = await documentsOf(model, query)
  return async () => {
    const now = await documentsOf(model, query)
    return [...new Set([...before.keys(), ...now.keys()])].filter((id) => before.get(id) !== now.get(id))
      .length
  }
}
