import { defaultLogger, noopMeter } from '@kt/core'
import { defaultDelayMs, isTopicName, optionChecker } from '@kt/core/internal'
import type { Logger, MessageProducer, Meter } from '@kt/core'
import type { OptionChecker } from '@kt/core/internal'
import type { Outbox } from './outbox/outbox.ts'

export interface UpdateStreamerOptions {
  /** Sends the messages, such as a `Producer` of `@kt/producer`. The caller closes it. */
  readonly producer: MessageProducer
  /**
   * Prefix of the topics of models without a `topic` of their own: with `shop.`, the table `products` gets the topic
   * `shop.products`. Avoid mixing dots and underscores: Kafka treats `a.b` and `a_b` as the same name in its metrics.
   *
   * @defaultValue none
   */
  readonly topicPrefix?: string
  /**
   * The topic of the delay messages of models without a `delayTopic` of their own. It gets no prefix.
   *
   * @defaultValue `delay_5m`
   */
  readonly delayTopic?: string
  /**
   * The delay of the Delayer that reads the delay topic, in milliseconds. Each message carries it, and a Delayer with a
   * shorter delay waits for as long and says so. The database may let our transactions idle
   * for half of it. Delay messages that are older than a quarter of it when their transaction commits are sent again.
   * So a short delay needs a Kafka and a database that answer much faster.
   *
   * @defaultValue 300_000
   */
  readonly delayMs?: number
  /**
   * Maximum number of records per message. When a transaction changes many records of a topic, those of one partition
   * share a message, `{"ids":[1,2]}`, which saves most of the messages' cost. Set it to `1` to keep one record per
   * message, as the Ruby gem and handlers of your own that use `decodePayload` expect. At most 1,000.
   *
   * @defaultValue 500
   */
  readonly recordsPerMessage?: number
  /**
   * Maximum number of instant messages that wait for Kafka's acknowledgement. Above it, as when Kafka stays slower than
   * the database, transactions send no instant messages and rely on their delay messages. Larger: more memory while
   * Kafka is slow. Smaller: more changes wait for the delay.
   *
   * @defaultValue 100_000
   */
  readonly maxPendingInstants?: number
  /**
   * Handles a transaction whose delay messages Kafka does not acknowledge in time. `reject` rolls it back and rejects
   * with `KT_DELAY_NOT_ACKNOWLEDGED`. It needs no further set-up. An `outbox(sequelize)` stores the changes in a table
   * of the same database, and commits. They are sent when Kafka is back, so the index lags behind until then.
   *
   * @defaultValue 'reject'
   */
  readonly whenUnavailable?: 'reject' | Outbox
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

export type ResolvedUpdateStreamerOptions = Required<UpdateStreamerOptions>

export function resolveOptions(options: UpdateStreamerOptions): ResolvedUpdateStreamerOptions {
  const check = optionChecker('UpdateStreamer')
  const {
    producer,
    delayTopic = 'delay_5m',
    delayMs = defaultDelayMs,
    maxPendingInstants = 100_000,
  } = options
  const {
    topicPrefix = '',
    recordsPerMessage = 500,
    logger = defaultLogger,
    meter = noopMeter,
    whenUnavailable = 'reject',
  } = options
  const resolvedDelayMs = check.integer('delayMs', delayMs, { min: 100 })
  if (whenUnavailable !== 'reject') {
    if (typeof whenUnavailable?.table !== 'object')
      check.fail('whenUnavailable', '"reject" or an outbox(sequelize)', whenUnavailable)
    if (whenUnavailable.waitMs > resolvedDelayMs / 4)
      check.fail(
        'whenUnavailable',
        'an outbox with a "waitMs" of at most a quarter of "delayMs"',
        whenUnavailable.waitMs,
      )
  }
  return {
    producer: check.port('producer', producer, ['produce', 'batch']),
    topicPrefix: topicPrefix === '' ? '' : topicName(check, 'topicPrefix', topicPrefix),
    delayTopic: topicName(check, 'delayTopic', delayTopic),
    delayMs: resolvedDelayMs,
    recordsPerMessage: check.integer('recordsPerMessage', recordsPerMessage, { min: 1, max: 1_000 }),
    maxPendingInstants: check.integer('maxPendingInstants', maxPendingInstants, { min: 1 }),
    whenUnavailable,
    logger: check.port('logger', logger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', meter, ['add', 'record']),
  }
}

/** Checks the name early, because Kafka would refuse it only when the row is committed. */
export function topicName(check: OptionChecker, option: string, name: unknown): string {
  if (isTopicName(name)) return name
  return check.fail(
    option,
    'a topic name of at most 249 letters, digits, dots, underscores and hyphens',
    name,
  )
}
