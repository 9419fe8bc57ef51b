import type { Meter, MetricLabels } from '@kt/core'
import type { GaugeMeter } from '@kt/telemetry'

/** Returns a meter that hands all measurements to several others. */
export function combineMeters(meters: readonly (Meter | Partial<GaugeMeter> | undefined)[]): GaugeMeter {
  const each = (call: (meter: Partial<GaugeMeter>) => void): void => {
    for (const meter of meters) if (meter !== undefined) call(meter)
  }
  return {
    add: (name: string, value: number, labels?: MetricLabels) =>
      each((meter) => meter.add?.(name, value, labels)),
    record: (name: string, value: number, labels?: MetricLabels) =>
      each((meter) => meter.record?.(name, value, labels)),
    set: (name: string, value: number, labels?: MetricLabels) =>
      each((meter) => meter.set?.(name, value, labels)),
  }
}
