import { defaultLogger, noopMeter, optionChecker } from '@kt/core'
import type { Logger, MessageConsumer, MessageProducer, Meter, OpenTransactions } from '@kt/core'

export interface DelayerOptions {
  /** Where the delay messages come from. */
  readonly consumer: MessageConsumer
  /** What re-sends them. It takes the dead letters as well, to `<topic>.dead-letter`. */
  readonly producer: MessageProducer
  /** The delay topic, such as `delay_5m`. Create it with `message.timestamp.type=LogAppendTime`. */
  readonly topic: string
  /**
   * How long a message is held back after it reached the topic, in milliseconds. Longer than any transaction may stay
   * open between its delay message and its COMMIT; shorter heals sooner.
   *
   * @defaultValue 300_000
   */
  readonly delayMs?: number
  /**
   * Tells which transactions have not ended, such as `openTransactions(sequelize)` of `@kt/sequelize-stream`: messages
   * of those wait for another delay. Without it, the change of a COMMIT that lasts longer than the delay is not in the
   * index if the writer dies meanwhile. It costs one small query per batch that is due.
   *
   * @defaultValue none counts as open
   */
  readonly transactions?: OpenTransactions
  /**
   * A second delay topic, such as `delay_1h`, to which each message is passed on when it is re-sent: a second, longer
   * net. It needs a Delayer of its own.
   *
   * @defaultValue none
   */
  readonly delayTopic?: string
  /**
   * Restricts this Delayer to one partition; a second one with the same topic, name and partition stands by.
   *
   * @defaultValue all partitions, shared with the other Delayers of this name
   */
  readonly partition?: number
  /**
   * The consumer group: Delayers of one topic and name share its partitions. Delayers of different topics need
   * different names.
   *
   * @defaultValue '<topic>_delayer'
   */
  readonly name?: string
  /**
   * The most messages that are re-sent at once. Larger batches cost less per message, and more of them are sent again
   * after a crash.
   *
   * @defaultValue 2000
   */
  readonly batchSize?: number
  /**
   * How often in a row Kafka may answer a re-send with an error that might pass before the message becomes a dead
   * letter: its topic is gone, say. When Kafka does not answer, the count begins anew: no outage is too long.
   *
   * @defaultValue 10
   */
  readonly maxAttempts?: number
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export interface ResolvedDelayerOptions {
  readonly consumer: MessageConsumer
  readonly producer: MessageProducer
  readonly topic: string
  readonly delayMs: number
  readonly transactions: OpenTransactions | undefined
  readonly delayTopic: string | undefined
  readonly partition: number | undefined
  readonly name: string
  readonly batchSize: number
  readonly maxAttempts: number
  readonly logger: Logger
  readonly meter: Meter
}

export function resolveDelayerOptions(options: DelayerOptions): ResolvedDelayerOptions {
  const check = optionChecker('Delayer')
  const { delayTopic, partition, transactions } = options
  if (delayTopic !== undefined && delayTopic === options.topic)
    check.fail('delayTopic', 'another topic than "topic"', delayTopic)
  return Object.freeze({
    consumer: check.port('consumer', options.consumer, ['consume']),
    producer: check.port('producer', options.producer, ['produce', 'batch']),
    topic: check.string('topic', options.topic),
    delayMs: check.integer('delayMs', options.delayMs ?? 300_000),
    transactions: transactions === undefined ? undefined : check.port('transactions', transactions, ['look']),
    delayTopic: delayTopic === undefined ? undefined : check.string('delayTopic', delayTopic),
    partition: partition === undefined ? undefined : check.integer('partition', partition),
    name: check.string('name', options.name ?? `${options.topic}_delayer`),
    batchSize: check.integer('batchSize', options.batchSize ?? 2_000, { min: 1 }),
    maxAttempts: check.integer('maxAttempts', options.maxAttempts ?? 10, { min: 1 }),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
