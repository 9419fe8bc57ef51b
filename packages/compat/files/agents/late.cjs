// An agent that is started when the packages, and what they use, have been loaded already.
for (const name of ['producer', 'consumer', 'delayer', 'indexer', 'cascader', 'sequelize-stream'])
  require(`@kt/${name}`)
require('sequelize')
require('kafkajs')
require('./otel.cjs')
require('./app/main.js')
