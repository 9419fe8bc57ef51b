import { cascaderMetrics } from './cascader-metrics.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import { delayerMetrics } from './delayer-metrics.ts'
import { indexerMetrics } from './indexer-metrics.ts'
import type { MetricDescription } from './metric-description.ts'
import { outboxMetrics } from './outbox-metrics.ts'
import { producerMetrics } from './producer-metrics.ts'
import { streamMetrics } from './stream-metrics.ts'
import { syncMetrics } from './sync-metrics.ts'
import { verifierMetrics } from './verifier-metrics.ts'

/** All metrics that the packages emit. */
export const metrics: readonly MetricDescription[] = [
  ...streamMetrics,
  ...outboxMetrics,
  ...producerMetrics,
  ...consumerMetrics,
  ...indexerMetrics,
  ...cascaderMetrics,
  ...delayerMetrics,
  ...verifierMetrics,
  ...syncMetrics,
]
