import { backoff, defaultLogger, noopMeter, optionChecker } from '@kt/core'
import type {
  Backoff,
  BackoffOptions,
  ConsumeOptions,
  KtError,
  Logger,
  Message,
  Meter,
  StartOffset,
} from '@kt/core'
import type { Kafka } from 'kafkajs'

export interface ConsumerOptions {
  /**
   * The cluster: an instance, or a function that makes one. kafkajs shares the committed offsets of a group between
   * all consumers of one instance, so an instance serves one worker per `name`; with a function, every worker gets an
   * instance of its own, and several of the same name can run in one process.
   *
   * Its `requestTimeout` (30 s by default) is how soon a connection is replaced that was lost without notice, as behind
   * a firewall that has forgotten it.
   */
  readonly kafka: Kafka | (() => Kafka)
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
  /**
   * After how long without a heartbeat Kafka gives a worker's partitions to others, in milliseconds. Shorter: a killed
   * worker is replaced sooner. Longer: a stalled event loop is forgiven. The broker's bounds are 6 s and 30 min.
   *
   * @defaultValue 30_000
   */
  readonly sessionTimeoutMs?: number
  /** @defaultValue a tenth of `sessionTimeoutMs` */
  readonly heartbeatIntervalMs?: number
  /**
   * How long the broker may hold a fetch back while it has no messages, in milliseconds. A message ends the wait at once,
   * so longer waits cost no latency and save requests of an idle worker. But a partition whose buffer was full is fetched
   * again only after the fetch that is under way, and `close` waits for that, too.
   *
   * @defaultValue 150
   */
  readonly maxWaitMs?: number
  /**
   * The most bytes in one fetch, over all partitions. Larger fetches save requests, which matters where the broker is
   * far. All messages of a fetch are decoded at once, and small ones take ten times their size in memory.
   *
   * @defaultValue 262_144
   */
  readonly maxBytes?: number
  /** The most bytes of one partition in one fetch. @defaultValue 65_536 */
  readonly maxBytesPerPartition?: number
  /**
   * How many bytes of one partition may wait in memory before its fetching pauses. The peak is this and one fetch more.
   * What waits is what a handler gets at once: with less, an Indexer's batches are smaller than its `batchSize`.
   * Each message counts with the memory that it takes: 400 bytes and its key and value, and 100 and its own for a header.
   *
   * @defaultValue 4_194_304
   */
  readonly maxBufferedBytesPerPartition?: number
  /**
   * How soon partitions that are added to a topic are read, in milliseconds: how often kafkajs asks for them.
   *
   * @defaultValue 30_000
   */
  readonly metadataMaxAgeMs?: number
  /** The waits between the tries of a handler that fails. @defaultValue 100 ms, doubling up to 10 s */
  readonly retry?: BackoffOptions
  /**
   * How long the first join may take before `consume` rejects, in milliseconds. Later interruptions are waited out for
   * as long as they last.
   *
   * @defaultValue 60_000
   */
  readonly joinTimeoutMs?: number
  /**
   * How long `close` waits for the batch in hand before it fires the handler's signal and leaves without it.
   *
   * @defaultValue 30_000
   */
  readonly closeTimeoutMs?: number
  /**
   * Whether to mend the request queue of kafkajs 2.2.4, whose idle connections wake up every millisecond
   * (tulios/kafkajs#1704) and use about 3 % of a CPU. It concerns all connections of this kafkajs in the process. It is
   * the one place where the consumer reaches into kafkajs, and does nothing with a kafkajs that looks different there.
   *
   * @defaultValue true
   */
  readonly mendIdlePolling?: boolean
}

/** `ConsumeOptions` of the port, and what only this consumer offers. */
export interface KafkaConsumeOptions extends ConsumeOptions {
  /**
   * Takes a message for which the handler, given this message alone, rejects with a `KtError` that is not retryable. When
   * this resolves, the message is skipped. Without it such a message is retried like any other, and blocks its partition.
   */
  readonly deadLetter?: (message: Message, error: KtError) => Promise<void>
}

export interface ResolvedConsumerOptions {
  readonly newKafka: () => Kafka
  readonly sharesKafka: boolean
  readonly logger: Logger
  readonly meter: Meter
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
  readonly maxBufferedBytesPerPartition: number
  readonly metadataMaxAgeMs: number
  readonly backoff: Backoff
  readonly joinTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly mendIdlePolling: boolean
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
    // A paused worker heartbeats once per wait: a longer one would cost it the membership.
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
      options.maxBufferedBytesPerPartition ?? 4_194_304,
      { min: 1 },
    ),
    metadataMaxAgeMs: check.integer('metadataMaxAgeMs', options.metadataMaxAgeMs ?? 30_000, { min: 100 }),
    backoff: backoff(options.retry),
    joinTimeoutMs: check.integer('joinTimeoutMs', options.joinTimeoutMs ?? 60_000, { min: 1 }),
    closeTimeoutMs: check.integer('closeTimeoutMs', options.closeTimeoutMs ?? 30_000, { min: 1 }),
    mendIdlePolling: check.boolean('mendIdlePolling', options.mendIdlePolling ?? true),
  })
}

export interface ResolvedConsumeOptions {
  readonly topic: string
  readonly name: string
  readonly partition: number | undefined
  readonly batchSize: number
  readonly from: StartOffset
  readonly signal: AbortSignal | undefined
  readonly deadLetter: ((message: Message, error: KtError) => Promise<void>) | undefined
}

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
