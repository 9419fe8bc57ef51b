export type {
  HistogramDescription,
  MetricDescription,
  MetricKind,
  ValueDescription,
} from './catalog/metric-description.ts'
export { metrics } from './catalog/metrics.ts'
export type { GaugeMeter } from '@kt/core'
