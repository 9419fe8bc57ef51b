import { sleep } from '@kt/core/internal'
import { Client } from 'pg'
import type { ChaosServices } from '../services.ts'
import type { Scenario } from '../scenario.ts'
import { again, away } from './away.ts'

/** Failures of PostgreSQL. */
export const databaseScenarios: readonly Scenario[] = [
  {
    name: 'postgres-restarted',
    what: (seconds) => `PostgreSQL restarted repeatedly for ${seconds} s`,
    disturb: again(2_000, ({ services }) => services.database.restart()),
  },
  {
    name: 'postgres-killed',
    what: (seconds) => `PostgreSQL killed for ${seconds} s`,
    disturb: away(
      ({ services }) => services.database.kill(),
      ({ services }) => services.database.start(),
    ),
  },
  {
    name: 'postgres-frozen',
    what: (seconds) => `PostgreSQL frozen for ${seconds} s`,
    disturb: away(
      ({ services }) => services.database.pause(),
      ({ services }) => services.database.resume(),
    ),
  },
  {
    name: 'standby-away',
    what: (seconds) =>
      `the synchronous standby of PostgreSQL away for ${seconds} s, so that every COMMIT waits for it, and the writer killed meanwhile`,
    kills: true,
    disturb: async ({ services, world, outageMs }) => {
      await waitForStandby(services, 'absent')
      await sleep(outageMs / 2)
      await world.role('writer').kill()
      await sleep(Math.max(outageMs / 2, world.settings.delayMs * 1.5))
      await waitForStandby(services, '')
    },
  },
]

/** Makes each COMMIT wait until the standby of this name has the change. An empty name turns the wait off. */
async function waitForStandby({ database }: ChaosServices, name: string): Promise<void> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`)
    await client.query('SELECT pg_reload_conf()')
  } finally {
    await client.end()
  }
}
