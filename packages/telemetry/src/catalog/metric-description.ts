export type MetricKind = 'counter' | 'gauge' | 'histogram'

interface Description {
  /** The name that the packages pass to the `Meter`. */
  readonly name: string
  /** The package that emits the metric. */
  readonly package: string
  /** The unit by UCUM, as in OpenTelemetry: `ms`, `By` for bytes, or what is counted in braces. */
  readonly unit: string
  /** The names of the labels. A measurement may lack some of them. */
  readonly labels: readonly string[]
  /** What the metric means, and what to do when it rises. */
  readonly help: string
}

export interface HistogramDescription extends Description {
  readonly kind: 'histogram'
  /** The upper bounds of the buckets, without infinity. */
  readonly buckets: readonly number[]
}

export interface ValueDescription extends Description {
  readonly kind: 'counter' | 'gauge'
}

export type MetricDescription = ValueDescription | HistogramDescription
