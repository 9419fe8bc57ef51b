import type { Scenario } from '../scenario.ts'
import { clockScenarios } from './clocks.ts'
import { databaseScenarios } from './database.ts'
import { elasticsearchScenarios } from './elasticsearch.ts'
import { kafkaScenarios } from './kafka.ts'
import { networkScenarios } from './network.ts'
import { outboxScenarios } from './outbox.ts'
import { rebalanceScenarios } from './rebalances.ts'
import { retentionScenarios } from './retention.ts'
import { starvationScenarios } from './starvation.ts'

/** All scenarios. */
export const scenarios: readonly Scenario[] = [
  ...kafkaScenarios,
  ...outboxScenarios,
  ...elasticsearchScenarios,
  ...databaseScenarios,
  ...networkScenarios,
  ...rebalanceScenarios,
  ...clockScenarios,
  ...retentionScenarios,
  ...starvationScenarios,
]
