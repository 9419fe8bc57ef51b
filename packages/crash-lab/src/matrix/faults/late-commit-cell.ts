import { isDeepStrictEqual } from 'node:util'
import { sleep } from '@kt/core/internal'
import { Client } from 'pg'
import { waitFor } from 'testkit'
import type { World } from '../../harness/world.ts'
import type { WritePath } from '../../writes/write.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'

/** How much longer than the delay COMMIT takes, so that the delay messages have come due. */
const longerMs = 1_000

const lock = 4_711

/** A constraint that is checked at COMMIT and waits there for the holder of the lock. */
const addConstraint = `
  CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${lock}); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT OR UPDATE OR DELETE ON cities
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit();
`

const dropConstraint = 'DROP TRIGGER IF EXISTS wait_at_commit ON cities'

/** The writer is killed while its COMMIT waits. The COMMIT succeeds after the delay messages have come due. */
export function lateCommitCell(path: WritePath): Cell {
  const group = 'writer/late COMMIT'
  return {
    name: `${group}/${path}`,
    group,
    victim: 'writer',
    where: 'during a COMMIT that lasts longer than the delay',
    writes: path,
    fixture: 'seed',
    run: (world, base) => run(path, world, base),
  }
}

async function run(path: WritePath, world: World, base: number): Promise<Passed> {
  const before = await world.rows()
  const client = new Client({ connectionString: world.settings.databaseUrl })
  await client.connect()
  try {
    await client.query(addConstraint)
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${lock})`)
    const writing = world.write({ path, base, seed: 1 })
    await waitFor(async () => (await waiting(client)) > 0, { what: 'That COMMIT waits' })
    await world.role('writer').kill()
    await writing
    await sleep(world.settings.delayMs + longerMs)
    if (!isDeepStrictEqual(before, await world.rows())) throw new Failure('COMMIT did not wait')
    await client.query('COMMIT')
    await waitFor(async () => !isDeepStrictEqual(before, await world.rows()), { what: 'COMMIT' })
    await client.query(dropConstraint)
  } finally {
    await client.end()
  }
  return { ...(await heal(world)), outcome: 'committed late' }
}

async function waiting(client: Client): Promise<number> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_locks JOIN pg_database ON oid = database AND datname = current_database() WHERE locktype = 'advisory' AND objid = ${lock} AND NOT granted`,
  )
  return rowCount ?? 0
}
