import type { MetricLabels } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import { Counter, Gauge, Histogram, register } from 'prom-client'
import type { Metric, OpenMetricsContentType, Registry } from 'prom-client'
import type { MetricDescription } from './catalog/metric-description.ts'
import { metrics } from './catalog/metrics.ts'
import { describeMetric } from './describe-metric.ts'
import type { GaugeMeter } from '@kt/core'
import { fits, meterOf } from './measurement.ts'
import type { Measurement } from './measurement.ts'

export interface PrometheusMeterOptions {
  /**
   * The registry that the metrics are created in. Existing metrics of the same names are used.
   *
   * @defaultValue the default registry of prom-client
   */
  readonly registry?: Registry | Registry<OpenMetricsContentType>
  /**
   * Put before the name of each metric, such as `shop_`.
   *
   * @defaultValue ''
   */
  readonly prefix?: string
}

const check = optionChecker('prometheusMeter')
const prefixPattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/

/**
 * A meter that writes to a registry of prom-client. All metrics of the catalog are created at once, so that counters
 * without labels start at 0 and Prometheus sees their first increase.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function prometheusMeter({
  registry = register,
  prefix = '',
}: PrometheusMeterOptions = {}): GaugeMeter {
  if (!prefixPattern.test(prefix))
    check.fail('prefix', 'letters, digits, colons and underscores, and must not start with a digit')

  const metricOf = (description: MetricDescription): Metric => {
    const name = prefix + description.name
    // Looked up each time: the registry may have been cleared, and another meter may have created the metric.
    return registry.getSingleMetric(name) ?? createMetric({ ...description, name }, registry)
  }
  for (const description of metrics) metricOf(description)

  return meterOf((measurement) => {
    try {
      write(metricOf(describeMetric(measurement)), measurement)
    } catch {
      // prom-client refuses the name or a label of a metric that the catalog doesn't have. A worker must not fail
      // because of its metrics.
    }
  })
}

function createMetric(
  description: MetricDescription,
  registry: NonNullable<PrometheusMeterOptions['registry']>,
): Metric {
  const { kind, name, help, labels } = description
  // Prometheus reserves the label `le` for the buckets.
  const labelNames = labels.filter((label) => label !== 'le')
  const configuration = { name, help, labelNames, registers: [registry] }
  if (kind === 'histogram') return new Histogram({ ...configuration, buckets: [...description.buckets] })
  return kind === 'counter' ? new Counter(configuration) : new Gauge(configuration)
}

/** Recognises metrics by their methods: two copies of prom-client may be loaded. */
function write(metric: Metric, { method, value, labels }: Measurement): void {
  const known = knownLabels(metric, labels)
  if ('observe' in metric) {
    if (fits(method, 'histogram')) metric.observe(known, value)
  } else if ('set' in metric) {
    if (fits(method, 'gauge')) metric.set(known, value)
  } else if ('inc' in metric && fits(method, 'counter')) metric.inc(known, value)
}

/** prom-client throws for labels that a metric doesn't have. */
function knownLabels(metric: Metric, labels: MetricLabels): MetricLabels {
  const { labelNames = [] } = metric as { readonly labelNames?: readonly string[] }
  const entries = Object.entries(labels)
  const known = entries.filter(([name]) => labelNames.includes(name))
  return known.length === entries.length ? labels : Object.fromEntries(known)
}
