import { byteBuckets, delayBuckets } from './catalog/buckets.ts'
import type { MetricDescription } from './catalog/metric-description.ts'
import { metrics } from './catalog/metrics.ts'
import type { Measurement } from './measurement.ts'

const byName: ReadonlyMap<string, MetricDescription> = new Map(metrics.map((each) => [each.name, each]))

/**
 * The description of the metric that a measurement belongs to. Other versions of the packages may emit metrics that the
 * catalog doesn't have, so the description of those is derived from the measurement.
 */
export function describeMetric(measurement: Measurement): MetricDescription {
  return byName.get(measurement.name) ?? unknownMetric(measurement)
}

function unknownMetric({ method, name, labels }: Measurement): MetricDescription {
  const isBytes = name.endsWith('_bytes')
  const description = {
    name,
    package: 'unknown',
    unit: isBytes ? 'By' : name.endsWith('_ms') ? 'ms' : '1',
    labels: Object.keys(labels),
    help: 'Not described by this version of @kt/telemetry: see the README of the package that emits it.',
  }
  if (method === 'add') return { ...description, kind: 'counter' }
  if (method === 'set') return { ...description, kind: 'gauge' }
  return { ...description, kind: 'histogram', buckets: isBytes ? byteBuckets : delayBuckets }
}
