import type { Logger } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import type { KafkaConfig } from 'kafkajs'
import type { Config } from './config.ts'

/** Creates a client of the cluster. It connects on first use. */
export function openKafka(config: Config, logger: Logger, more: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'city-search',
    brokers: [...config.brokers],
    logLevel: logLevel.ERROR,
    // kafkajs logs an error while a coordinator is still loading. The packages report the important errors.
    logCreator: () => (entry) => logger.debug(`kafkajs: ${entry.log.message}`),
    ...more,
  })
}
