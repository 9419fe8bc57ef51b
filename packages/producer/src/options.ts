import { defaultLogger, noopMeter, optionChecker } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { Kafka } from 'kafkajs'

export interface ProducerOptions {
  /**
   * The cluster. Its `retry`, `connectionTimeout` and `requestTimeout` need no tuning, because the producer has bounds of
   * its own. Shorter ones make kafkajs give up sooner, in the background, on what nobody waits for any more.
   *
   * `admin` is used by `keyPartitioner` and `ensureTopic` only.
   */
  readonly kafka: Pick<Kafka, 'producer' | 'admin'>
  /**
   * The longest that a call waits for Kafka, in milliseconds. Failed requests are retried within it. The time
   * starts again whenever Kafka acknowledges a request for the same topic: to wait behind others is no outage. Time in
   * which the process could not run, stopped or starved of CPU, does not count. Shorter: a transaction learns
   * sooner that Kafka is away. Longer: a broker's restart goes unnoticed.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number
  /**
   * The most bytes in one request, as estimated before compression. A request also has no more than 1,000 messages. It
   * must stay below the `message.max.bytes` of the brokers (1,048,588 by default), or requests are refused, split and
   * sent again.
   *
   * @defaultValue 900_000
   */
  readonly maxRequestBytes?: number
  /**
   * Whether a message to a topic that does not exist creates it, where the brokers' `auto.create.topics.enable` allows
   * that. Such a topic has the brokers' default number of partitions.
   *
   * @defaultValue true
   */
  readonly allowAutoTopicCreation?: boolean
  /**
   * Whether to mend the request queue of kafkajs 2.2.4, whose idle connections wake up every millisecond
   * (tulios/kafkajs#1704) and use about 3 % of a CPU. It concerns all connections of this kafkajs in the process. It is
   * the one place where the producer reaches into kafkajs, and does nothing with a kafkajs that looks different there.
   *
   * @defaultValue true
   */
  readonly mendIdlePolling?: boolean
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
    mendIdlePolling: check.boolean('mendIdlePolling', options.mendIdlePolling ?? true),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
