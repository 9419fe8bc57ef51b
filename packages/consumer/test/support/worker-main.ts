import { Consumer } from '@kt/consumer'
import { Kafka, logLevel } from 'kafkajs'
import type { WorkerProcessOptions } from './worker-process.ts'

const { brokers, topic, name, partition } = JSON.parse(process.argv[2] ?? '{}') as WorkerProcessOptions
const consumer = new Consumer({
  kafka: new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }),
  sessionTimeoutMs: 6_000,
})
await consumer.consume({ topic, name, partition }, async () => undefined)
process.stdout.write('joined\n')
