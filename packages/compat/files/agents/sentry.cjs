// Sentry in its default set-up; what it would send is counted, by where its spans come from.
const Sentry = require('@sentry/node')

const spans = {}
function count(envelope) {
  for (const [, transactions, streamed] of envelope.matchAll(origins)) {
    const what = `spans ${transactions ?? streamed}`
    spans[what] = (spans[what] ?? 0) + 1
  }
}
/** As transactions have it, and as streamed spans do. */
const origins = /"origin":"([^"]+)"|"sentry\.origin":\{[^}]*"value":"([^"]+)"/g

Sentry.init({
  dsn: 'http://key@127.0.0.1:9/1',
  tracesSampleRate: 1,
  transport: (options) =>
    Sentry.createTransport(options, ({ body }) => {
      count(Buffer.from(body).toString())
      return Promise.resolve({ statusCode: 200 })
    }),
})

globalThis.compatAgent = {
  trace: (name, work) => Sentry.startSpan({ name, forceTransaction: true }, work),
  evidence: () => ({ ...spans }),
  flush: () => Sentry.flush(5_000),
}
