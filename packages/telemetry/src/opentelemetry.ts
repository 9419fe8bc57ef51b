export { openTelemetryMeter } from './open-telemetry-meter.ts'
export type { OpenTelemetryMeterOptions } from './open-telemetry-meter.ts'
