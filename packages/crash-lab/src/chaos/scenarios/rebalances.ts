import type { RoleProcess } from '../../harness/role-process.ts'
import type { RoleName } from '../../harness/settings.ts'
import type { Scenario, Stage } from '../scenario.ts'

/** How many additional workers there are at a time. */
const mostGuests = 3

const workers: readonly RoleName[] = ['indexer', 'delayer', 'cascader']

/** Workers join and leave. */
export const rebalanceScenarios: readonly Scenario[] = [
  {
    name: 'rebalance-storm',
    what: (seconds) => `workers added and removed, stopped or killed, without a pause for ${2 * seconds} s`,
    disturb: storm,
    // The partitions of a killed worker are reassigned when its session has timed out.
    catchUpMs: 15_000,
  },
]

/** Keeps the world's own workers. Adds guests, and removes the oldest guest when there are many. */
async function storm({ pool, world, outageMs }: Stage): Promise<void> {
  const guests: RoleProcess[] = []
  const endAt = performance.now() + 2 * outageMs
  for (let round = 0; performance.now() < endAt; round++) {
    const guest = await pool.take()
    guests.push(guest)
    const role = workers[round % workers.length] ?? 'indexer'
    await guest.ask({ type: 'start', role, settings: world.settings })
    if (guests.length > mostGuests) await dismiss(guests.shift(), round)
  }
  await Promise.all(guests.map((guest, index) => dismiss(guest, index)))
}

/** Stops every second guest properly, and kills the others. */
async function dismiss(guest: RoleProcess | undefined, round: number): Promise<void> {
  if (round % 2 === 0) await guest?.ask({ type: 'stop' })
  await guest?.kill()
}
