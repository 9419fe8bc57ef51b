import { defaultLogger, noopMeter } from '@kt/core'
import { defaultDelayMs, optionChecker } from '@kt/core/internal'
import type { Resolved } from '@kt/core/internal'
import type { Logger, MessageConsumer, MessageProducer, Meter, OpenTransactions } from '@kt/core'

export interface DelayerOptions {
  /** Consumes the delay messages, such as a `Consumer` of `@kt/consumer`. */
  readonly consumer: MessageConsumer
  /** Sends the messages on, and dead letters to `<topic>.dead-letter`, such as a `Producer` of `@kt/producer`. */
  readonly producer: MessageProducer
  /** The delay topic, such as `delay_5m`. Create it with `message.timestamp.type=LogAppendTime`. */
  readonly topic: string
  /**
   * Delay of each message after it reached the topic, in milliseconds. It must exceed the time between a delay message
   * and the COMMIT of its transaction. Messages whose writers rely on a longer one (`delayMs` of an `UpdateStreamer`) wait that
   * long, with a warning. Shorter: missed changes reach the index sooner.
   *
   * @defaultValue 300_000
   */
  readonly delayMs?: number
  /**
   * Finds out which transactions are still open, such as `openTransactions(sequelize)` of `@kt/sequelize-stream`.
   * Messages of open transactions wait for another delay. Without it, the index misses a change whose COMMIT takes
   * longer than the delay if the writer dies meanwhile. It costs one small query per due batch.
   *
   * @defaultValue none counts as open
   */
  readonly transactions?: OpenTransactions
  /**
   * A second delay topic, such as `delay_1h`, which gets every re-sent message: a second, longer safety net. It needs
   * its own Delayer.
   *
   * @defaultValue none
   */
  readonly delayTopic?: string
  /**
   * Restricts this Delayer to one partition. A second Delayer with the same topic, name and partition is a standby.
   *
   * @defaultValue all partitions, shared with the other Delayers of this name
   */
  readonly partition?: number
  /**
   * The consumer group. Delayers of one topic and name share its partitions. Delayers of different topics need
   * different names.
   *
   * @defaultValue '<topic>_delayer'
   */
  readonly name?: string
  /**
   * Maximum number of messages that are re-sent at once. A larger batch costs less per message, but more messages are
   * sent again after a crash.
   *
   * @defaultValue 2000
   */
  readonly batchSize?: number
  /**
   * Number of consecutive attempts that Kafka may answer with a temporary error, as for a deleted topic, before the
   * message becomes a dead letter. A time-out resets the count, so no outage is too long.
   *
   * @defaultValue 10
   */
  readonly maxAttempts?: number
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

export type ResolvedDelayerOptions = Resolved<DelayerOptions, 'transactions' | 'delayTopic' | 'partition'>

export function resolveDelayerOptions(options: DelayerOptions): ResolvedDelayerOptions {
  const check = optionChecker('Delayer')
  const { delayTopic, partition, transactions } = options
  if (delayTopic !== undefined && delayTopic === options.topic)
    check.fail('delayTopic', 'another topic than "topic"', delayTopic)
  return Object.freeze({
    consumer: check.port('consumer', options.consumer, ['consume']),
    producer: check.port('producer', options.producer, ['produce', 'batch']),
    topic: check.string('topic', options.topic),
    delayMs: check.integer('delayMs', options.delayMs ?? defaultDelayMs),
    transactions: transactions === undefined ? undefined : check.port('transactions', transactions, ['read']),
    delayTopic: delayTopic === undefined ? undefined : check.string('delayTopic', delayTopic),
    partition: partition === undefined ? undefined : check.integer('partition', partition),
    name: check.string('name', options.name ?? `${options.topic}_delayer`),
    batchSize: check.integer('batchSize', options.batchSize ?? 2_000, { min: 1 }),
    maxAttempts: check.integer('maxAttempts', options.maxAttempts ?? 10, { min: 1 }),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
