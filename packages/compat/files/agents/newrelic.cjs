// New Relic, which sends to a collector of the runner. Its settings come by environment variables.
const newrelic = require('newrelic')
const { promisify } = require('node:util')

globalThis.compatAgent = {
  trace: (name, work) => newrelic.startBackgroundTransaction(name, work),
  evidence: () => ({}),
  flush: () => promisify(newrelic.shutdown).call(newrelic, { collectPendingData: true, timeout: 10_000 }),
}
