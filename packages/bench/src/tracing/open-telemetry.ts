import { createRequire } from 'node:module'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node'

// Traces the process as OpenTelemetry's automatic instrumentation does, to be loaded by `--import`. The spans are made, and
// then dropped: no collector takes part in what is measured.

const names = new Set<string>()
const dropping: SpanProcessor = {
  onStart: () => undefined,
  onEnd: ({ instrumentationScope }) => void names.add(instrumentationScope.name),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}
new NodeTracerProvider({ spanProcessors: [dropping] }).register()
registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation(), new PgInstrumentation()] })

// The instrumentations hear of require() only; whoever imports these later gets the same, instrumented objects.
const require = createRequire(import.meta.url)
for (const library of ['kafkajs', 'pg', 'sequelize']) require(library)

// An unstreamed process has nothing to do with Kafka.
process.on('exit', () => {
  if (!names.has('@opentelemetry/instrumentation-pg'))
    process.stderr.write('Nothing was traced, so the measurement is worth nothing\n')
})
