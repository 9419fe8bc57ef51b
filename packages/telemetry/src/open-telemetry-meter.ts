import type { MetricLabels } from '@kt/core'
import type { Attributes, Meter, MetricOptions } from '@opentelemetry/api'
import type { MetricDescription, MetricKind } from './catalog/metric-description.ts'
import { describeMetric } from './describe-metric.ts'
import type { GaugeMeter } from '@kt/core'
import { fits, meterOf } from './measurement.ts'

export interface OpenTelemetryMeterOptions {
  /** A meter of `@opentelemetry/api`, such as `metrics.getMeter('kt')`. */
  readonly meter: Meter
}

interface Instrument {
  readonly kind: MetricKind
  write(value: number, attributes: Attributes): void
}

/** A meter that writes to instruments of OpenTelemetry. Each instrument is created when it is first used. */
export function openTelemetryMeter({ meter }: OpenTelemetryMeterOptions): GaugeMeter {
  const instruments = new Map<string, Instrument>()
  return meterOf((measurement) => {
    const { method, name, value, labels } = measurement
    let instrument = instruments.get(name)
    if (instrument === undefined) {
      instrument = createInstrument(meter, describeMetric(measurement))
      instruments.set(name, instrument)
    }
    if (fits(method, instrument.kind)) instrument.write(value, attributesOf(labels))
  })
}

function createInstrument(meter: Meter, description: MetricDescription): Instrument {
  const { name, kind, unit, help } = description
  const options: MetricOptions = { unit, description: help }
  if (kind === 'histogram') {
    const advice = { explicitBucketBoundaries: [...description.buckets] }
    const histogram = meter.createHistogram(name, { ...options, advice })
    return { kind, write: (value, attributes) => histogram.record(value, attributes) }
  }
  if (kind === 'gauge') {
    const gauge = meter.createGauge(name, options)
    return { kind, write: (value, attributes) => gauge.record(value, attributes) }
  }
  const counter = meter.createCounter(name, options)
  return { kind, write: (value, attributes) => counter.add(value, attributes) }
}

/** Strings only: backends need one type per attribute, and some labels are a number or a word. */
function attributesOf(labels: MetricLabels): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}
