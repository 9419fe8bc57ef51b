import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger, Meter } from '@kt/core'
import type { Kafka } from 'kafkajs'

export interface ProducerOptions {
  /**
   * The cluster. Its `retry`, `connectionTimeout` and `requestTimeout` need no tuning, because the producer has
   * time-outs of its own. Shorter ones only make kafkajs give up sooner, in the background, on requests whose callers
   * have stopped waiting. `admin` is used by `keyPartitioner` and `ensureTopic` only.
   */
  readonly kafka: Pick<Kafka, 'producer' | 'admin'>
  /**
   * Time-out of a call, in milliseconds. Failed requests are retried within it. The time restarts whenever Kafka
   * acknowledges a request for the same topic, because waiting behind others is no outage. Time in which the process
   * was stopped or starved of CPU doesn't count. Shorter: a transaction finds out sooner that Kafka is away. Longer:
   * calls survive a broker's restart.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number
  /**
   * Maximum size of a request in bytes, estimated before compression. A request also has at most 1,000 messages. Keep
   * it below the brokers' `message.max.bytes` (1,048,588 by default), or requests are refused, split and sent again.
   * Larger: fewer requests.
   *
   * @defaultValue 900_000
   */
  readonly maxRequestBytes?: number
  /**
   * Whether sending to a missing topic creates it, if the brokers' `auto.create.topics.enable` allows that. Such a
   * topic has the brokers' default number of partitions.
   *
   * @defaultValue true
   */
  readonly allowAutoTopicCreation?: boolean
  /**
   * Whether to fix the request queue of kafkajs 2.2.4, whose idle connections wake up every millisecond
   * (tulios/kafkajs#1704) and use about 3 % of a CPU. The fix applies to all connections of this kafkajs in the
   * process. It is the only place where the producer uses an internal of kafkajs, and it does nothing if that internal
   * has changed.
   *
   * @defaultValue true
   */
  readonly mendIdlePolling?: boolean
  /**
   * Receives log lines.
   *
   * @defaultValue warnings and errors to the console
   */
  readonly logger?: Logger
  /**
   * Receives measurements.
   *
   * @defaultValue measurements are dropped
   */
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
