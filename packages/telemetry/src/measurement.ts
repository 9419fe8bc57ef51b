import type { MetricLabels } from '@kt/core'
import type { MetricKind } from './catalog/metric-description.ts'
import type { GaugeMeter } from '@kt/core'

export type MeterMethod = keyof GaugeMeter

export interface Measurement {
  readonly method: MeterMethod
  readonly name: string
  readonly value: number
  readonly labels: MetricLabels
}

const kinds: Readonly<Record<MeterMethod, readonly MetricKind[]>> = {
  add: ['counter'],
  record: ['histogram', 'gauge'],
  set: ['gauge'],
}

/** Whether a method can write to a metric of this kind. The packages set some gauges by `record`. */
export function fits(method: MeterMethod, kind: MetricKind): boolean {
  return kinds[method].includes(kind)
}

/**
 * A meter that passes its measurements to `write`. It drops values that a metric can't take: a worker must not fail
 * because of its metrics.
 */
export function meterOf(write: (measurement: Measurement) => void): GaugeMeter {
  const method =
    (method: MeterMethod) =>
    (name: string, value: number, labels: MetricLabels = {}): void => {
      if (Number.isFinite(value) && (method !== 'add' || value >= 0)) write({ method, name, value, labels })
    }
  return { add: method('add'), record: method('record'), set: method('set') }
}
