import type { Scenario } from '../scenario.ts'
import { again, away } from './away.ts'

/** What may happen to PostgreSQL. */
export const databaseScenarios: readonly Scenario[] = [
  {
    name: 'postgres-restarted',
    what: (seconds) => `PostgreSQL restarted again and again for ${seconds} s`,
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
]
