import { Consumer } from '@kt/consumer'
import { Delayer } from '@kt/delayer'
import { Producer } from '@kt/producer'
import { Kafka, logLevel } from 'kafkajs'
import type { DelayerProcessOptions } from './delayer-process.ts'

const { brokers, topic, delayMs } = JSON.parse(process.argv[2] ?? '{}') as DelayerProcessOptions
const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
const consumer = new Consumer({ kafka, sessionTimeoutMs: 6_000 })
const delayer = new Delayer({
  consumer,
  producer: new Producer({ kafka }),
  topic,
  delayMs,
  name: topic,
  batchSize: 20,
})
await delayer.run()
process.stdout.write('joined\n')
