export type MetricLabels = Readonly<Record<string, string | number>>

/** Where measurements go: a thin shape that Prometheus and OpenTelemetry clients fit with a line each. */
export interface Meter {
  /** Adds to a counter. */
  add(name: string, value: number, labels?: MetricLabels): void
  /** Notes one value of a distribution, such as a duration; the unit is in the name. */
  record(name: string, value: number, labels?: MetricLabels): void
}

/** Drops every measurement: the default of all packages. */
export const noopMeter: Meter = { add: () => undefined, record: () => undefined }
