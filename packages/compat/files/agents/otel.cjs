// OpenTelemetry as its documentation starts it, but for the exporter, which only counts.
const { trace } = require('@opentelemetry/api')
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node')
const { NodeSDK, tracing } = require('@opentelemetry/sdk-node')

const spans = {}
const exporter = {
  export(batch, done) {
    for (const span of batch) {
      const what = `spans of ${span.instrumentationScope.name.replace('@opentelemetry/instrumentation-', '')}`
      spans[what] = (spans[what] ?? 0) + 1
    }
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}

const pg = process.env.COMPAT_SQLCOMMENTER
  ? { addSqlCommenterCommentToQueries: true, requireParentSpan: false }
  : {}
const sdk = new NodeSDK({
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  instrumentations: [getNodeAutoInstrumentations({ '@opentelemetry/instrumentation-pg': pg })],
})
sdk.start()

const tracer = trace.getTracer('application')
globalThis.compatAgent = {
  trace: (name, work) =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    }),
  evidence: () => ({ ...spans }),
}
