import { silentLogger } from '@kt/core'
import type { MessageProducer } from '@kt/core'
import { Producer } from '@kt/producer'
import { Sequelize } from 'sequelize'
import { quietKafka } from 'testkit'
import { outbox } from '../../src/index.ts'

// A process that relays, and pauses as soon as Kafka has acknowledged the first batch, to be killed there.

const [databaseUrl = '', brokers = ''] = process.argv.slice(2)
const producer = new Producer({ kafka: quietKafka({ brokers: brokers.split(',') }), logger: silentLogger })

const stuck: MessageProducer = {
  produce: (value, options) => producer.produce(value, options),
  batch: async (fill) => {
    const result = await producer.batch(fill)
    process.stdout.write('acknowledged\n')
    await new Promise(() => undefined)
    return result
  },
}

const box = outbox(new Sequelize(databaseUrl, { logging: false }), { batchSize: 10 })
await box.relay({ producer: stuck, logger: silentLogger }).run()
