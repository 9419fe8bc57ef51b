import { sleep } from '@kt/core/internal'
import { RoleProcess } from '../../harness/role-process.ts'
import type { World } from '../../harness/world.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { describeDifferences, heal } from '../heal.ts'
import { timely } from '../timely.ts'

/** How long the search engine remembers the version of a deleted document. Much shorter than the default. */
const gcDeletes = '1s'

/** Until the version is forgotten. The engine checks after a quarter of the time, and when it refreshes. */
const forgottenMs = 2_500

/** Records that were read longer ago are read again. */
const maxReadAgeMs = 500

const patienceMs = 20_000

/**
 * The indexer freezes between reading a record and writing its document. Meanwhile the record is deleted, another
 * indexer deletes the document, and the search engine forgets the deletion. Then the first indexer goes on.
 */
export const staleReaderCell: Cell = {
  name: 'indexer/stale read/destroy',
  group: 'indexer/stale read',
  victim: 'indexer, frozen',
  where: 'between load and bulk, until its document is deleted and forgotten',
  writes: 'save, destroy',
  fixture: 'seed',
  run,
}

async function run(world: World, base: number): Promise<Passed> {
  const { cities, countries } = world.settings.indexes
  const settings = { 'index.gc_deletes': gcDeletes }
  await world.elasticsearch.indices.putSettings({ index: [cities, countries], settings })
  const env = { ...process.env, KT_MAX_READ_AGE_MS: String(maxReadAgeMs) }
  const frozen = new RoleProcess([], env)
  await world.recast('indexer', frozen)
  const { reached } = await frozen.arm('load.after')
  // The same seed makes both writes change the same city.
  await world.writeSurely({ path: 'save', base, seed: 1 })
  await timely(reached, patienceMs, 'The indexer did not read')
  frozen.freeze()
  await world.admit('indexer')
  await world.writeSurely({ path: 'destroy', base, seed: 1 })
  await world.converge()
  for (let waitedMs = 0; waitedMs < forgottenMs; waitedMs += 500) {
    await expectEqual(world)
    await sleep(500)
  }
  const released = frozen.ask({ type: 'release' })
  frozen.thaw()
  await released
  await timely(frozen.ask({ type: 'stop' }), patienceMs, 'The indexer did not finish')
  await expectEqual(world)
  await frozen.kill()
  return { ...(await heal(world)), outcome: 'stays deleted' }
}

/** Compares everything. Refreshes the indexes too. */
async function expectEqual(world: World): Promise<void> {
  const found = await world.differences()
  if (found.length > 0) throw new Failure(`${found.length} differences: ${describeDifferences(found)}`)
}
