import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { MetricData } from '@opentelemetry/sdk-metrics'
import { afterEach, expect, test } from 'vitest'
import { metrics } from './catalog/metrics.ts'
import { openTelemetryMeter } from './open-telemetry-meter.ts'

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
const provider = new MeterProvider({ readers: [reader] })
const meter = openTelemetryMeter({ meter: provider.getMeter('kt') })

afterEach(() => exporter.reset())

async function exported(name: string): Promise<MetricData | undefined> {
  await reader.forceFlush()
  const all = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  return all.find(({ descriptor }) => descriptor.name === name)
}

function helpOf(name: string): string | undefined {
  return metrics.find((metric) => metric.name === name)?.help
}

test('exports a counter with its unit, description and attributes', async () => {
  const name = 'kt_indexer_retries_total'
  meter.add(name, 1, { topic: 'cities', status: 429 })
  meter.add(name, 2, { topic: 'cities', status: 429 })
  expect(await exported(name)).toMatchObject({
    descriptor: { unit: '{record}', description: helpOf(name) },
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: [{ value: 3, attributes: { topic: 'cities', status: '429' } }],
  })
})

test('exports a histogram with the buckets of the catalog', async () => {
  const name = 'kt_indexer_bulk_bytes'
  meter.record(name, 20_000, { index: 'cities' })
  const data = await exported(name)
  const metric = metrics.find((each) => each.name === name)
  expect(data).toMatchObject({
    descriptor: { unit: 'By' },
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [
      { value: { sum: 20_000, buckets: { boundaries: metric?.kind === 'histogram' && metric.buckets } } },
    ],
  })
})

test('exports the last value of a gauge, by record too', async () => {
  for (const value of [7, 3]) {
    meter.set('kt_dead_letters', value, { topic: 'cities' })
    meter.record('kt_verifier_frame_problems', value, { index: 'cities' })
  }
  const gauge = { dataPointType: DataPointType.GAUGE, dataPoints: [{ value: 3 }] }
  expect(await exported('kt_dead_letters')).toMatchObject(gauge)
  expect(await exported('kt_verifier_frame_problems')).toMatchObject(gauge)
})

test('exports metrics that the catalog does not have', async () => {
  meter.add('kt_new_total', 1, { topic: 'cities' })
  meter.record('kt_new_ms', 20)
  meter.set('kt_new', 5)
  expect(await exported('kt_new_total')).toMatchObject({ dataPoints: [{ value: 1 }] })
  expect(await exported('kt_new_ms')).toMatchObject({ descriptor: { unit: 'ms' } })
  expect(await exported('kt_new')).toMatchObject({ dataPoints: [{ value: 5 }] })
})

test('drops what an instrument does not take', async () => {
  meter.add('kt_producer_reconnects_total', 1)
  meter.add('kt_producer_reconnects_total', -1)
  meter.add('kt_producer_reconnects_total', NaN)
  meter.record('kt_producer_reconnects_total', 5)
  meter.set('kt_producer_reconnects_total', 5)
  expect(await exported('kt_producer_reconnects_total')).toMatchObject({ dataPoints: [{ value: 1 }] })
})
