import { Client } from '@elastic/elasticsearch'
import { Consumer } from '@kt/consumer'
import type { Logger } from '@kt/core'
import { Producer } from '@kt/producer'
import { Kafka, logLevel } from 'kafkajs'
import type { WorldSettings } from '../harness/settings.ts'
import { stderrLogger } from './stderr-logger.ts'

/** The real connections of the roles, with short timeouts. */
export interface Connections {
  readonly logger: Logger
  readonly producer: Producer
  readonly consumer: Consumer
  readonly elasticsearch: Client
}

/** Shorter than half the delay, which is how long the database lets a transaction idle. */
export function producerTimeoutMs({ delayMs }: WorldSettings): number {
  return Math.floor(delayMs * 0.4)
}

/** Builds all connections. Each connects on first use. */
export function openConnections(settings: WorldSettings): Connections {
  const logger = stderrLogger
  const brokers = [...settings.brokers]
  // With kafkajs's default of 30 s, a silently lost connection would go unnoticed for longer than a delay.
  const kafka = () => new Kafka({ brokers, requestTimeout: 5_000, logLevel: logLevel.NOTHING })
  return {
    logger,
    producer: new Producer({ kafka: kafka(), logger, timeoutMs: producerTimeoutMs(settings) }),
    consumer: new Consumer({
      kafka,
      logger,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      maxWaitMs: 200,
      retry: { initialMs: 50, maxMs: 1_000 },
    }),
    elasticsearch: new Client({ node: settings.elasticsearchUrl, requestTimeout: 5_000, maxRetries: 0 }),
  }
}
