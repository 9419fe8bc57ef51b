// Elastic APM, which sends to a server of the runner. The address comes by an environment variable.
const apm = require('elastic-apm-node').start({
  serviceName: 'application',
  cloudProvider: 'none',
  centralConfig: false,
  metricsInterval: '0s',
  apiRequestTime: '1s',
})

globalThis.compatAgent = {
  trace: async (name, work) => {
    const transaction = apm.startTransaction(name)
    try {
      return await work()
    } finally {
      transaction.end()
    }
  },
  evidence: () => ({}),
  flush: () => apm.flush(),
}
