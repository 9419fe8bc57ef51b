import type { KafkaConfig } from 'kafkajs'
import { Kafka } from 'kafkajs'

/** A client that logs nothing. kafkajs logs an error while a coordinator is still loading. */
export function quietKafka(config: KafkaConfig): Kafka {
  return new Kafka({ logCreator: () => () => undefined, ...config })
}
