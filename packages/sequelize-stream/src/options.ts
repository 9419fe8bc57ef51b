import { defaultLogger, noopMeter, optionChecker } from '@kt/core'
import type { Logger, MessageProducer, Meter } from '@kt/core'

export interface UpdateStreamerOptions {
  /** Sends the messages, such as a `Producer` of `@kt/producer`. It stays the caller's to close. */
  readonly producer: MessageProducer
  /** Where the delay messages go, unless a model says otherwise. @defaultValue `delay_5m` */
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
   * How many instant messages may wait for Kafka's acknowledgement. When there are more, as when Kafka is slower than
   * the database for long, further transactions send none, and their delay messages stand in for them.
   *
   * @defaultValue 100_000
   */
  readonly maxPendingInstants?: number
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export type ResolvedUpdateStreamerOptions = Required<UpdateStreamerOptions>

export function resolveOptions(options: UpdateStreamerOptions): ResolvedUpdateStreamerOptions {
  const check = optionChecker('UpdateStreamer')
  const { producer, delayTopic = 'delay_5m', delayMs = 300_000, maxPendingInstants = 100_000 } = options
  const { logger = defaultLogger, meter = noopMeter } = options
  return {
    producer: check.port('producer', producer, ['produce', 'batch']),
    delayTopic: check.string('delayTopic', delayTopic),
    delayMs: check.integer('delayMs', delayMs, { min: 100 }),
    maxPendingInstants: check.integer('maxPendingInstants', maxPendingInstants, { min: 1 }),
    logger: check.port('logger', logger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', meter, ['add', 'record']),
  }
}
