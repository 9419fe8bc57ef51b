import { Client } from 'pg'
import type { World } from '../../harness/world.ts'
import type { WritePath } from '../../writes/write.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'

/** The counter of the read tickets goes back, as after a restore or a failover to a lagging replica. */
export function ticketsBackCell(path: WritePath): Cell {
  const group = 'indexer/tickets back'
  return {
    name: `${group}/${path}`,
    group,
    victim: 'the read tickets',
    where: 'set back to 1',
    writes: path,
    fixture: 'seed',
    run: (world, base) => run(path, world, base),
  }
}

async function run(path: WritePath, world: World, base: number): Promise<Passed> {
  const database = new Client({ connectionString: world.settings.databaseUrl })
  await database.connect()
  try {
    await database.query(`SELECT setval('kt_read_tickets', 1)`)
  } finally {
    await database.end()
  }
  await world.writeSurely({ path, base, seed: 3 })
  const convergence = await heal(world)
  if (!world.role('indexer').log.includes('the counter of tickets went back'))
    throw new Failure('The indexer did not report it')
  return { ...convergence, outcome: 'reported, and raised' }
}
