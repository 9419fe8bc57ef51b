import { Client } from '@elastic/elasticsearch'
import { Consumer } from '@kt/consumer'
import type { Logger } from '@kt/core'
import { Producer } from '@kt/producer'
import type { Kafka } from 'kafkajs'
import type { Sequelize } from 'sequelize'
import type { Config } from './config.ts'
import { LossyProducer } from './demo/lossy-producer.ts'
import { openKafka } from './kafka.ts'
import { openDatabase } from './models/database.ts'
import { ClosingStack } from './run/closing-stack.ts'
import { streamModels } from './stream-models.ts'

/** Connections of the workers and the web server. */
export interface Connections {
  readonly config: Config
  readonly logger: Logger
  readonly kafka: Kafka
  readonly producer: Producer
  /** The same producer for the models. The demo can make it lose messages. */
  readonly lossyProducer: LossyProducer
  readonly consumer: Consumer
  readonly elasticsearch: Client
  readonly sequelize: Sequelize
  close(): Promise<void>
}

/** Builds all connections. None is opened yet. Each opens on first use. */
export function openConnections(config: Config, logger: Logger): Connections {
  const kafka = openKafka(config, logger)
  // A write waits for Kafka, but not longer than half the delay, after which the database ends an idle transaction.
  const producer = new Producer({
    kafka,
    logger,
    timeoutMs: Math.min(5_000, Math.floor(config.delayMs * 0.4)),
  })
  const lossyProducer = new LossyProducer(producer, config.topics.delay)
  const consumer = new Consumer({ kafka, logger })
  const elasticsearch = new Client({ node: config.elasticsearchUrl, requestTimeout: 5_000, maxRetries: 1 })
  const sequelize = openDatabase(config.databaseUrl)
  const streams = streamModels(lossyProducer, config, logger)
  const opened = new ClosingStack(logger)
  for (const each of [elasticsearch, sequelize, producer, streams, consumer]) opened.add(each)
  const close = (): Promise<void> => opened.close()
  return { config, logger, kafka, producer, lossyProducer, consumer, elasticsearch, sequelize, close }
}
