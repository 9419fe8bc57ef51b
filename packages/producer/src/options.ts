import { defaultLogger, noopMeter, optionChecker } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { Kafka } from 'kafkajs'

export interface ProducerOptions {
  /**
   * The cluster. Its `retry`, `connectionTimeout` and `requestTimeout` need no tuning: the producer has bounds of its
   * own. With shorter ones, though, what kafkajs gives up on is gone from memory sooner.
   */
  readonly kafka: Pick<Kafka, 'producer'>
  /**
   * The longest that a call waits for Kafka, in milliseconds; a call that needs several requests waits as long anew for
   * each. Within it, what fails is tried again. Shorter: a transaction learns sooner that Kafka is away. Longer: a
   * broker's restart goes unnoticed.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number
  /**
   * The most bytes in one request, as estimated before any compression. Larger costs less per message. It must stay
   * below the `message.max.bytes` of the brokers (1,048,588 by default), or requests are refused, cut and sent again.
   *
   * @defaultValue 900_000
   */
  readonly maxRequestBytes?: number
  /**
   * Whether a message to a topic that does not exist creates it, where the brokers' `auto.create.topics.enable` allows
   * that. Topics made this way have the brokers' default number of partitions.
   *
   * @defaultValue true
   */
  readonly allowAutoTopicCreation?: boolean
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export type ResolvedProducerOptions = Required<ProducerOptions>

export function resolveProducerOptions(options: ProducerOptions): ResolvedProducerOptions {
  const check = optionChecker('Producer')
  return Object.freeze({
    kafka: check.port('kafka', options.kafka, ['producer']),
    timeoutMs: check.integer('timeoutMs', options.timeoutMs ?? 5_000, { min: 10, max: 2_147_483_647 }),
    maxRequestBytes: check.integer('maxRequestBytes', options.maxRequestBytes ?? 900_000, { min: 1 }),
    allowAutoTopicCreation: check.boolean('allowAutoTopicCreation', options.allowAutoTopicCreation ?? true),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
