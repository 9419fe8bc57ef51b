import { defaultLogger, noopMeter } from '@kt/core'
import { backoff, optionChecker } from '@kt/core/internal'
import type { BackoffOptions, ConsumeOptions, KtError, Logger, Message, Meter } from '@kt/core'
import type { Backoff, Resolved } from '@kt/core/internal'
import type { Kafka } from 'kafkajs'

export interface ConsumerOptions {
  /**
   * A Kafka instance, or a function that creates one. kafkajs shares the committed offsets of a group between all
   * consumers of an instance, so an instance serves one worker per `name`. With a function every worker gets its own
   * instance, so several workers of the same name can run in one process.
   *
   * A connection that was lost without notice, for example behind a firewall that dropped it, is replaced after
   * `requestTimeout` of the instance (30 s by default).
   */
  readonly kafka: Kafka | (() => Kafka)
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
  /**
   * How long Kafka waits for a heartbeat, in milliseconds, before it reassigns the partitions of a worker. A shorter
   * timeout replaces a killed worker sooner, a longer one tolerates a stalled event loop. The broker allows 6 s to 30
   * min by default.
   *
   * @defaultValue 30_000
   */
  readonly sessionTimeoutMs?: number
  /**
   * The time between heartbeats, in milliseconds, at most a third of `sessionTimeoutMs`.
   *
   * @defaultValue a tenth of `sessionTimeoutMs`
   */
  readonly heartbeatIntervalMs?: number
  /**
   * How long a fetch may wait at the broker for messages, in milliseconds, at most a third of `sessionTimeoutMs`. A
   * message ends the wait at once, so longer waits add no latency and save requests of an idle worker. But a partition
   * whose buffer was full is fetched again only after the current fetch, and `close` waits for that fetch, too.
   *
   * @defaultValue 150
   */
  readonly maxWaitMs?: number
  /**
   * The most bytes in one fetch, over all partitions. Larger fetches save requests, which matters when the broker is
   * far away. All messages of a fetch are decoded at once, and small ones take ten times their size in memory.
   *
   * @defaultValue 262_144
   */
  readonly maxBytes?: number
  /** The most bytes of one partition in one fetch. @defaultValue 65_536 */
  readonly maxBytesPerPartition?: number
  /**
   * How many bytes of one partition may wait in memory before its fetching is paused. The peak is one fetch more. A
   * handler gets only messages that wait, so with a low limit an Indexer's batches are smaller than its `batchSize`. A
   * message counts as 400 bytes plus its key and value, and 100 bytes plus its own for each header: about the memory
   * that it takes.
   *
   * @defaultValue 2_097_152
   */
  readonly maxBufferedBytesPerPartition?: number
  /**
   * How often kafkajs refreshes the metadata, in milliseconds. Partitions that are added to a topic are read that soon.
   *
   * @defaultValue 30_000
   */
  readonly metadataMaxAgeMs?: number
  /** The backoff between retries of a failing handler. @defaultValue 100 ms, doubling up to 10 s */
  readonly retry?: BackoffOptions
  /**
   * How long the first join may take before `consume` rejects, in milliseconds. After that join the worker rejoins
   * without limit.
   *
   * @defaultValue 60_000
   */
  readonly joinTimeoutMs?: number
  /**
   * How long `close` waits for the current batch, in milliseconds. Then it fires the handler's signal and leaves the
   * group without that batch.
   *
   * @defaultValue 15_000
   */
  readonly closeTimeoutMs?: number
  /**
   * Whether to fix the request queue of kafkajs 2.2.4, whose idle connections wake up every millisecond
   * (tulios/kafkajs#1704) and use about 3 % of a CPU. It affects all connections of this kafkajs in the process. This
   * is the only internal of kafkajs that the consumer uses. If it has changed in your kafkajs, the option does nothing.
   *
   * @defaultValue true
   */
  readonly mendIdlePolling?: boolean
}

/** `ConsumeOptions` of the port, and the options of this consumer alone. */
export interface KafkaConsumeOptions extends ConsumeOptions {
  /**
   * Receives a message for which the handler, given this message alone, rejects with a `KtError` that is not retryable.
   * Once this function has resolved, the message is skipped. When it rejects, the message is retried.
   *
   * @defaultValue none: such a message is retried like any other, and blocks its partition
   */
  readonly deadLetter?: (message: Message, error: KtError) => Promise<void>
}

export interface ResolvedConsumerOptions extends Omit<Resolved<ConsumerOptions>, 'kafka' | 'retry'> {
  readonly newKafka: () => Kafka
  readonly sharesKafka: boolean
  readonly backoff: Backoff
}

const loggerMethods = ['debug', 'info', 'warn', 'error']

export function resolveConsumerOptions(options: ConsumerOptions): ResolvedConsumerOptions {
  const check = optionChecker('Consumer')
  const { kafka } = options
  const newKafka = typeof kafka === 'function' ? kafka : () => kafka
  if (typeof kafka !== 'function') check.port('kafka', kafka, ['consumer', 'admin'])
  const sessionTimeoutMs = check.integer('sessionTimeoutMs', options.sessionTimeoutMs ?? 30_000, { min: 100 })
  const largestWait = Math.floor(sessionTimeoutMs / 3)
  return Object.freeze({
    newKafka,
    sharesKafka: typeof kafka !== 'function',
    logger: check.port('logger', options.logger ?? defaultLogger, loggerMethods),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
    sessionTimeoutMs,
    heartbeatIntervalMs: check.integer(
      'heartbeatIntervalMs',
      options.heartbeatIntervalMs ?? Math.floor(sessionTimeoutMs / 10),
      { min: 10, max: largestWait },
    ),
    // A worker whose partitions are all paused sends one heartbeat per wait. A longer wait would end its membership.
    maxWaitMs: check.integer('maxWaitMs', options.maxWaitMs ?? Math.min(150, largestWait), {
      min: 1,
      max: largestWait,
    }),
    maxBytes: check.integer('maxBytes', options.maxBytes ?? 262_144, { min: 1 }),
    maxBytesPerPartition: check.integer('maxBytesPerPartition', options.maxBytesPerPartition ?? 65_536, {
      min: 1,
    }),
    maxBufferedBytesPerPartition: check.integer(
      'maxBufferedBytesPerPartition',
      options.maxBufferedBytesPerPartition ?? 2_097_152,
      { min: 1 },
    ),
    metadataMaxAgeMs: check.integer('metadataMaxAgeMs', options.metadataMaxAgeMs ?? 30_000, { min: 100 }),
    backoff: backoff(options.retry),
    joinTimeoutMs: check.integer('joinTimeoutMs', options.joinTimeoutMs ?? 60_000, { min: 1 }),
    closeTimeoutMs: check.integer('closeTimeoutMs', options.closeTimeoutMs ?? 15_000, { min: 1 }),
    mendIdlePolling: check.boolean('mendIdlePolling', options.mendIdlePolling ?? true),
  })
}

export type ResolvedConsumeOptions = Resolved<KafkaConsumeOptions, 'partition' | 'signal' | 'deadLetter'>

export function resolveConsumeOptions(options: KafkaConsumeOptions): ResolvedConsumeOptions {
  const check = optionChecker('Consumer.consume')
  return Object.freeze({
    topic: check.string('topic', options.topic),
    name: check.string('name', options.name),
    partition: options.partition === undefined ? undefined : check.integer('partition', options.partition),
    batchSize: check.integer('batchSize', options.batchSize ?? 1_000, { min: 1 }),
    from: check.oneOf('from', options.from ?? 'earliest', ['earliest', 'latest']),
    signal: options.signal,
    deadLetter:
      options.deadLetter === undefined ? undefined : check.callable('deadLetter', options.deadLetter),
  })
}
