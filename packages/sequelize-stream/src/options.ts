import { defaultLogger, isTopicName, noopMeter, optionChecker } from '@kt/core'
import type { Logger, MessageProducer, Meter, OptionChecker } from '@kt/core'
import type { Outbox } from './outbox/outbox.ts'

export interface UpdateStreamerOptions {
  /** Sends the messages, such as a `Producer` of `@kt/producer`. It stays the caller's to close. */
  readonly producer: MessageProducer
  /**
   * Begins the topic of each model that does not say its topic: `shop.` makes `shop.products` of the table `products`.
   * Dots and underscores are best not mixed: Kafka takes `a.b` and `a_b` for the same in its metrics.
   *
   * @defaultValue none
   */
  readonly topicPrefix?: string
  /** Where the delay messages go, unless a model says otherwise. It gets no prefix. @defaultValue `delay_5m` */
  readonly delayTopic?: string
  /**
   * How long the Delayer of the delay topic holds messages back, in milliseconds. Half of it is how long the database
   * lets our transactions idle, and a quarter how old their delay messages may be when they commit: for longer, they
   * are sent again. So a short delay needs a Kafka and a database that answer much faster.
   *
   * @defaultValue 300_000
   */
  readonly delayMs?: number
  /**
   * The most records that one message names. Where a transaction changes many records of a topic, those of a partition
   * go together, as `{"ids":[1,2]}`: it saves most of what their messages cost. `1` keeps to one record per message, as
   * the Ruby gem reads them, and handlers of your own that use `decodePayload`. At most 1,000.
   *
   * @defaultValue 500
   */
  readonly recordsPerMessage?: number
  /**
   * How many instant messages may wait for Kafka's acknowledgement. When there are more, as when Kafka is slower than
   * the database for long, further transactions send none, and their delay messages stand in for them.
   *
   * @defaultValue 100_000
   */
  readonly maxPendingInstants?: number
  /**
   * What becomes of a transaction whose delay messages Kafka does not take in time. `reject`: it is rolled back, and
   * rejects with `KT_DELAY_NOT_ACKNOWLEDGED`; nothing more is needed. An `outbox(sequelize)`: it stores its changes in a
   * table of the same database and commits, and they are sent once Kafka is back, so the index lags behind until then.
   *
   * @defaultValue 'reject'
   */
  readonly whenUnavailable?: 'reject' | Outbox
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export type ResolvedUpdateStreamerOptions = Required<UpdateStreamerOptions>

export function resolveOptions(options: UpdateStreamerOptions): ResolvedUpdateStreamerOptions {
  const check = optionChecker('UpdateStreamer')
  const { producer, delayTopic = 'delay_5m', delayMs = 300_000, maxPendingInstants = 100_000 } = options
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

/** Checks a name here: Kafka would refuse it only when the row is committed. */
export function topicName(check: OptionChecker, option: string, name: unknown): string {
  if (isTopicName(name)) return name
  return check.fail(
    option,
    "a topic's name: at most 249 letters, digits, dots, underscores and hyphens",
    name,
  )
}
