import type { Meter, MetricLabels } from '@kt/core'

/** A `Meter` that also takes gauges. */
export interface GaugeMeter extends Meter {
  /** Sets a gauge: a value that goes up and down, such as a lag. */
  set(name: string, value: number, labels?: MetricLabels): void
}
