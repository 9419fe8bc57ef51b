import { Failure } from '../matrix/cell.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/index.ts'

const most = [
  'kafka-killed',
  'elasticsearch-killed',
  'elasticsearch-429',
  'elasticsearch-503',
  'postgres-restarted',
  'rebalance-storm',
]

/** The most telling outages in one world, one after the other: little enough for every run of the tests. */
export const shortForm: Scenario = {
  name: 'short-form',
  what: (seconds) => `${most.join(', ')}, for ${seconds} s each`,
  addresses: ({ proxies }) => ({ elasticsearchUrl: proxies.search.url }),
  // What comes last is not what came first: all of it may still have to be caught up with.
  catchUpMs: 30_000,
  disturb: async (stage) => {
    for (const name of most) {
      const scenario = scenarios.find((each) => each.name === name)
      if (scenario === undefined) throw new Failure(`There is no scenario ${name}`)
      await scenario.disturb(stage)
    }
  },
}
