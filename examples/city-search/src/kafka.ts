import type { Logger } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import type { KafkaConfig } from 'kafkajs'
import type { Config } from './config.ts'

/** A client of the cluster; it connects when something is asked of it. */
export function openKafka(config: Config, logger: Logger, more: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'city-search',
    brokers: [...config.brokers],
    logLevel: logLevel.ERROR,
    // A coordinator that is still loading is an error to kafkajs; what matters is reported by the packages.
    logCreator: () => (entry) => logger.debug(`kafkajs: ${entry.log.message}`),
    ...more,
  })
}
