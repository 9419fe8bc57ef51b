import { Counter, Gauge, Registry } from 'prom-client'
import type { OpenMetricsContentType } from 'prom-client'
import { expect, test } from 'vitest'
import { metrics } from './catalog/metrics.ts'
import { prometheusMeter } from './prometheus-meter.ts'

const labels = { index: 'cities', topic: 'cities', name: 'cities_indexer' }
const inText = 'index="cities",topic="cities",name="cities_indexer"'

async function lines(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n')
}

test('renders a counter with its help and labels', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  meter.add('kt_producer_failures_total', 1, { topic: 'cities', code: 'KT_PRODUCE_TIMEOUT' })
  meter.add('kt_producer_failures_total', 2, { topic: 'cities', code: 'KT_PRODUCE_TIMEOUT' })
  expect(await registry.getSingleMetricAsString('kt_producer_failures_total')).toBe(
    [
      '# HELP kt_producer_failures_total Calls of produce and batch that failed, by error code. KT_PRODUCE_TIMEOUT: check that Kafka is reachable.',
      '# TYPE kt_producer_failures_total counter',
      'kt_producer_failures_total{topic="cities",code="KT_PRODUCE_TIMEOUT"} 3',
    ].join('\n'),
  )
})

test('renders a histogram with the buckets of the catalog', async () => {
  const registry = new Registry()
  prometheusMeter({ registry }).record('kt_indexer_bulk_bytes', 20_000, labels)
  const text = await lines(registry)
  expect(text).toContain(`kt_indexer_bulk_bytes_bucket{le="10000",${inText}} 0`)
  expect(text).toContain(`kt_indexer_bulk_bytes_bucket{le="100000",${inText}} 1`)
  expect(text).toContain(`kt_indexer_bulk_bytes_sum{${inText}} 20000`)
})

test('sets gauges, by record too', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  for (const value of [7, 3]) {
    meter.set('kt_lag_messages', value, { group: 'cities_indexer', topic: 'cities' })
    meter.record('kt_verifier_frame_problems', value, { index: 'cities' })
  }
  const text = await lines(registry)
  expect(text).toContain('# TYPE kt_lag_messages gauge')
  expect(text).toContain('kt_lag_messages{group="cities_indexer",topic="cities"} 3')
  expect(text).toContain('kt_verifier_frame_problems{index="cities"} 3')
})

test('has all metrics from the start, and counters without labels at 0', async () => {
  const registry = new Registry()
  prometheusMeter({ registry })
  const text = await lines(registry)
  for (const { name, kind } of metrics) expect(text).toContain(`# TYPE ${name} ${kind}`)
  expect(text).toContain('kt_stream_delay_failures_total 0')
})

test('shares the metrics of one registry', async () => {
  const registry = new Registry()
  for (const value of [1, 2]) prometheusMeter({ registry }).add('kt_outbox_stored_total', value)
  expect(await lines(registry)).toContain('kt_outbox_stored_total 3')
})

test('creates the metrics again after the registry was cleared', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  registry.clear()
  meter.add('kt_outbox_stored_total', 1)
  expect(await lines(registry)).toContain('kt_outbox_stored_total 1')
})

test('accepts missing labels, and drops those that a metric does not have', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  meter.add('kt_outbox_relay_failures_total', 1)
  meter.add('kt_outbox_relay_failures_total', 2, { topic: 'cities', shard: 1 })
  const text = await lines(registry)
  expect(text).toContain('kt_outbox_relay_failures_total 1')
  expect(text).toContain('kt_outbox_relay_failures_total{topic="cities"} 2')
})

test('registers metrics that the catalog does not have', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  meter.add('kt_new_total', 1, { topic: 'cities' })
  meter.add('kt_new_total', 1, { topic: 'cities', name: 'later' })
  meter.record('kt_new_ms', 20)
  meter.set('kt_new', 5)
  const text = await lines(registry)
  expect(text.find((line) => line.startsWith('# HELP kt_new_total'))).toContain('Not described')
  expect(text).toContain('kt_new_total{topic="cities"} 2')
  expect(text).toContain('kt_new_ms_bucket{le="25"} 1')
  expect(text).toContain('kt_new 5')
})

test('never throws', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry })
  meter.add('kt_producer_reconnects_total', -1)
  meter.add('kt_producer_reconnects_total', NaN)
  meter.record('kt_producer_reconnects_total', 1)
  meter.set('kt_producer_reconnects_total', 1)
  meter.add('kt_outbox_age_ms', 1)
  meter.add('kt-new', 1)
  meter.record('kt_le_ms', 1, { le: 1 })
  const text = await lines(registry)
  expect(text).toContain('kt_producer_reconnects_total 0')
  expect(text).toContain('kt_outbox_age_ms_count 0')
  expect(text).toContain('kt_le_ms_count 1')
  expect(text.join('\n')).not.toMatch(/kt-new/)
})

test('uses a metric of the application, whatever its kind and labels are', async () => {
  const registry = new Registry()
  const registers = [registry]
  const stored = new Counter({ name: 'kt_outbox_stored_total', help: 'mine', labelNames: ['pod'], registers })
  stored.inc({ pod: 'a' }, 1)
  const age = new Gauge({ name: 'kt_outbox_age_ms', help: 'mine', registers })
  age.set(1)
  const meter = prometheusMeter({ registry })
  meter.add('kt_outbox_stored_total', 2)
  meter.record('kt_outbox_age_ms', 50)
  const text = await lines(registry)
  expect(text).toContain('kt_outbox_stored_total{pod="a"} 1')
  expect(text).toContain('kt_outbox_stored_total 2')
  expect(text).toContain('kt_outbox_age_ms 50')
})

test('puts a prefix before all names', async () => {
  const registry = new Registry()
  const meter = prometheusMeter({ registry, prefix: 'shop_' })
  meter.add('kt_outbox_stored_total', 1)
  meter.add('kt_new_total', 1)
  const text = await lines(registry)
  expect(text).toContain('shop_kt_outbox_stored_total 1')
  expect(text).toContain('shop_kt_new_total 1')
  expect(text.join('\n')).not.toMatch(/^kt_/m)
  expect(() => prometheusMeter({ registry, prefix: '1-' })).toThrow('option "prefix"')
})

test('works in an OpenMetrics registry', async () => {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const meter = prometheusMeter({ registry })
  meter.add('kt_outbox_stored_total', 1)
  await registry.metrics()
  meter.add('kt_outbox_stored_total', 1)
  const text = await registry.metrics()
  expect(text).toContain('# TYPE kt_outbox_stored counter\nkt_outbox_stored_total 2\n')
})
