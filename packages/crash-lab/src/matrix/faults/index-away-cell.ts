import { sleep } from '@kt/core/internal'
import { waitFor } from 'testkit'
import { createIndexes } from '../../model/indexes.ts'
import { sendAllIds } from '../../harness/send-all-ids.ts'
import type { World } from '../../harness/world.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'

/** A fault that an operator or a full disk may cause to an index, and its reversal. */
interface Fault {
  readonly name: string
  readonly where: string
  /** The search engine's name for the error. */
  readonly error: string
  readonly take: (world: World) => Promise<unknown>
  readonly giveBack: (world: World) => Promise<unknown>
}

const faults: readonly Fault[] = [
  {
    name: 'closed',
    where: 'closed',
    error: 'index_closed_exception',
    take: ({ elasticsearch, settings }) => elasticsearch.indices.close({ index: settings.indexes.cities }),
    giveBack: ({ elasticsearch, settings }) => elasticsearch.indices.open({ index: settings.indexes.cities }),
  },
  {
    name: 'read-only',
    where: 'made read-only',
    error: 'cluster_block_exception',
    take: (world) => blockWrites(world, true),
    giveBack: (world) => blockWrites(world, false),
  },
  {
    name: 'deleted',
    where: 'deleted, then recreated and filled',
    error: 'index_not_found_exception',
    take: ({ elasticsearch, settings }) =>
      elasticsearch.indices.delete({ index: Object.values(settings.indexes) }),
    giveBack: async (world) => {
      const { elasticsearch, settings } = world
      if (await elasticsearch.indices.exists({ index: settings.indexes.cities }))
        throw new Failure('An index with guessed mappings was made')
      await createIndexes(elasticsearch, settings.indexes)
      await sendAllIds(world)
    },
  },
]

/** The index becomes unavailable while records are written. Nothing is killed. The indexer must wait and report it. */
export const indexAwayCells: readonly Cell[] = faults.map((fault) => ({
  name: `indexer/index ${fault.name}`,
  group: `indexer/index ${fault.name}`,
  victim: 'the index',
  where: fault.where,
  writes: 'Model.update, create',
  fixture: 'seed',
  run: (world, base) => run(fault, world, base),
}))

/** Longer than a single check or a retry that gives up would take. */
const awayMs = 1_000

async function run({ error, take, giveBack }: Fault, world: World, base: number): Promise<Passed> {
  await take(world)
  await world.writeSurely({ path: 'Model.update', base, seed: 4 })
  await world.writeSurely({ path: 'create', base, seed: 4 })
  await waitFor(() => world.role('indexer').log.includes(error), {
    what: `That the indexer reports ${error}`,
  })
  await sleep(awayMs)
  if (world.role('indexer').hasEnded) throw new Failure('The indexer has ended')
  await giveBack(world)
  return { ...(await heal(world)), outcome: 'reported, and retried' }
}

function blockWrites({ elasticsearch, settings }: World, block: boolean): Promise<unknown> {
  return elasticsearch.indices.putSettings({
    index: settings.indexes.cities,
    settings: { 'index.blocks.write': block },
  })
}
