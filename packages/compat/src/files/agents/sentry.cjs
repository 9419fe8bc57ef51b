// Sentry in its default set-up; what it would send is counted.
const Sentry = require('@sentry/node')

const spans = {}
Sentry.init({
  dsn: 'http://key@127.0.0.1:9/1',
  tracesSampleRate: 1,
  transport: (options) => Sentry.createTransport(options, () => Promise.resolve({ statusCode: 200 })),
  beforeSendTransaction: (event) => {
    const origins = [event.contexts?.trace?.origin, ...(event.spans ?? []).map(({ origin }) => origin)]
    for (const origin of origins) {
      const what = `spans ${origin}`
      spans[what] = (spans[what] ?? 0) + 1
    }
    return event
  },
})

globalThis.compatAgent = {
  trace: (name, work) => Sentry.startSpan({ name, forceTransaction: true }, work),
  evidence: () => ({ ...spans }),
  flush: () => Sentry.flush(5_000),
}
