export type MetricLabels = Readonly<Record<string, string | number>>

/** Receives measurements. Prometheus and OpenTelemetry clients implement it with a line per method. */
export interface Meter {
  /** Adds to a counter. */
  add(name: string, value: number, labels?: MetricLabels): void
  /** Records one value of a distribution, such as a duration. The name contains the unit. */
  record(name: string, value: number, labels?: MetricLabels): void
}

/** A meter that also takes gauges: values that go up and down. `@kt/telemetry` has such meters. */
export interface GaugeMeter extends Meter {
  /** Sets a gauge. */
  set(name: string, value: number, labels?: MetricLabels): void
}

/** Drops all measurements. The default of all packages. */
export const noopMeter: Meter = { add: () => undefined, record: () => undefined }
