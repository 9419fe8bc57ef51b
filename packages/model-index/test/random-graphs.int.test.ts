import { expect, test } from 'vitest'
import { differences, documentsOf } from './support/differences.ts'
import { randomGraph } from './support/random-graph.ts'
import { RandomWrites } from './support/random-writes.ts'
import { Random } from './support/random.ts'
import { openStageOf } from './support/stage.ts'

// SEEDS=50 WRITES=10000 takes an hour and more, and FIRST_SEED repeats one of them.
const { SEEDS = '2', WRITES = '60', FIRST_SEED = '1' } = process.env
const seeds = Array.from({ length: Number(SEEDS) }, (_, index) => Number(FIRST_SEED) + index)
const all = Number(WRITES)
/** The documents are compared after so many writes. */
const part = Math.max(30, Math.floor(all / 100))
/** For so many writes, the documents that each one reaches are counted. That takes ten times as long as the write. */
const counted = Math.min(400, all)

test.for(seeds)(
  'after random writes to a random graph of models, every document equals the database, and few were indexed without reason, seed %i',
  { timeout: 7_200_000 },
  async (seed, { annotate }) => {
    const random = new Random(seed)
    await using stage = await openStageOf(import.meta.url, (sequelize) => randomGraph(sequelize, random))
    const { setting, sequelize } = stage
    const writes = new RandomWrites(sequelize, setting, random)
    const readAll = (): Promise<ReadonlyMap<string, string>> =>
      documentsOf(setting.indexed, setting.everything)
    await writes.fill()
    expect(await differences(stage)).toEqual([])

    const before = stage.counted('kt_indexer_records_total', 'indexed')
    let known = await readAll()
    let reached = 0
    let indexed = 0
    const found: unknown[] = []
    for (let count = 1; count <= all && found.length === 0; count++) {
      await writes.write()
      if (count <= counted) {
        const now = await readAll()
        reached += changesBetween(known, now)
        known = now
      }
      if (count % part === 0 || count === all) found.push(...(await differences(stage)))
      if (count !== counted) continue
      await stage.whenIndexed()
      indexed = stage.counted('kt_indexer_records_total', 'indexed') - before
    }
    expect(found).toEqual([])
    await annotate(`${setting.nodes.length} models, ${reached} documents reached, ${indexed} indexed`)
    // A write may reach a document in several ways at once, and a message doesn't tell whether a value is a new one.
    expect(indexed).toBeLessThanOrEqual(2 * reached + 20)
  },
)

function changesBetween(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): number {
  return [...new Set([...before.keys(), ...now.keys()])].filter((id) => before.get(id) !== now.get(id)).length
}
