import { createRequire } from 'node:module'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node'

// Traces the process like OpenTelemetry's automatic instrumentation. Load it with `--import`. Spans are created and
// then dropped, so that no collector affects the measurement.

const names = new Set<string>()
const dropping: SpanProcessor = {
  onStart: () => undefined,
  onEnd: ({ instrumentationScope }) => void names.add(instrumentationScope.name),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}
new NodeTracerProvider({ spanProcessors: [dropping] }).register()
registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation(), new PgInstrumentation()] })

// The instrumentations only hook require(). Later imports get the same, instrumented objects.
const require = createRequire(import.meta.url)
for (const library of ['kafkajs', 'pg', 'sequelize']) require(library)

// An unstreamed process does not use Kafka.
process.on('exit', () => {
  if (!names.has('@opentelemetry/instrumentation-pg'))
    process.stderr.write('Nothing was traced, so the measurement is worth nothing\n')
})
