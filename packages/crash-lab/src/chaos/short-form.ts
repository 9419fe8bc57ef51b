import { Failure } from '../matrix/cell.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/index.ts'

const most = ['kafka-killed', 'elasticsearch-killed', 'elasticsearch-429', 'postgres-restarted']

/** Runs the most important outages in one world, one after the other. Short enough for every test run. */
export const shortForm: Scenario = {
  name: 'short-form',
  what: (seconds) => `${most.join(', ')}, for ${seconds} s each`,
  addresses: ({ proxies }) => ({ elasticsearchUrl: proxies.search.url }),
  // Work from several outages may still be pending at the end.
  catchUpMs: 30_000,
  disturb: async (stage) => {
    for (const name of most) {
      const scenario = scenarios.find((each) => each.name === name)
      if (scenario === undefined) throw new Failure(`There is no scenario ${name}`)
      await scenario.disturb(stage)
    }
  },
}
