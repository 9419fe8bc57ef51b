export { prometheusMeter } from './prometheus-meter.ts'
export type { PrometheusMeterOptions } from './prometheus-meter.ts'
