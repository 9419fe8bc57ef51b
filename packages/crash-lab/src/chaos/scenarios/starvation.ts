import { sleep } from '@kt/core/internal'
import { roleNames } from '../../harness/settings.ts'
import type { Scenario, Stage } from '../scenario.ts'
import { again } from './away.ts'

const stoppedMs = 450
const runningMs = 50

/** Too little CPU. */
export const starvationScenarios: readonly Scenario[] = [
  {
    name: 'starved',
    what: (seconds) => `all processes stopped for 90 % of the time, for ${seconds} s`,
    disturb: again(runningMs, stop),
    // Sessions may have timed out meanwhile.
    catchUpMs: 20_000,
  },
]

async function stop({ world }: Stage): Promise<void> {
  const processes = roleNames.map((name) => world.role(name))
  for (const process of processes) process.freeze()
  await sleep(stoppedMs)
  for (const process of processes) process.thaw()
}
