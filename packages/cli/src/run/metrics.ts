import { prometheusMeter } from '@kt/telemetry/prom-client'
import type { GaugeMeter } from '@kt/telemetry'
import { collectDefaultMetrics, Registry } from 'prom-client'

export interface Metrics {
  readonly meter: GaugeMeter
  readonly registry: Registry
}

/** The metrics of this process: ours, and those of Node. */
export function newMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return { registry, meter: prometheusMeter({ registry }) }
}
