import { defaultLogger, noopMeter, recordStreamOf } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger, MessageProducer, Meter, RecordStream } from '@kt/core'

export interface CascaderOptions {
  /**
   * Marks the messages that this Cascader sends, so that it does not cascade its own. Workers for the same cascade
   * share the name. It must not contain commas or `*`.
   */
  readonly name: string
  /** Sends the messages, and the dead letters of `run` and `handler` to `<topic>.dead-letter`. */
  readonly producer: MessageProducer
  /**
   * The most records of one request. Larger batches cost less, for the brokers and for the workers that fetch them. Two
   * batches are in memory at a time: one in flight, and one being collected.
   *
   * @defaultValue 2000, or 20 times `recordsPerMessage` if that is more
   */
  readonly batchSize?: number
  /**
   * The most records that one message names, up to 1,000. With more than 1, records of a topic whose payload is only
   * their id are sent together, as `{"ids":[1,2]}`. A large cascade then takes less than half of the work in Kafka, and
   * three quarters of the CPU in this process and the Indexers. 500 is plenty.
   *
   * Indexers and Cascaders understand such messages. The Ruby gem and handlers with `decodePayload` do not. The
   * messages have no key, so two workers may index a record at the same time: give the Indexers `versions`. Compacted
   * topics refuse messages without a key.
   *
   * @defaultValue 1
   */
  readonly recordsPerMessage?: number
  /**
   * How many targets of one import are remembered, so that each gets only one message, for example when many records
   * have the same few parents. Each takes about 100 bytes.
   *
   * @defaultValue 100_000
   */
  readonly rememberedTargets?: number
  /**
   * How many changes are remembered after their dependents have been sent, so that the delay messages of these changes
   * are not cascaded again. It should cover the changes of one delay period: 100,000 take about 15 MB.
   *
   * Use it only if the Indexers of the dependents have `versions`, and their indexes `indexSettings`. Without them, the
   * second cascade repairs a late write of a stalled worker.
   *
   * @defaultValue 0: every change is cascaded twice
   */
  readonly rememberedChanges?: number
  /**
   * Returns the topic and payload of a record. Needed for classes that do not define them, as a Sequelize model does
   * after `updateStream`.
   *
   * @defaultValue the topic and payload that the record's class defines
   */
  readonly stream?: (record: object) => RecordStream | undefined
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

/** With this many ids of any length, a message is still below Kafka's default limit. */
const maxRecordsPerMessage = 1_000

export type ResolvedCascaderOptions = Required<CascaderOptions>

export function resolveCascaderOptions(options: CascaderOptions): ResolvedCascaderOptions {
  const check = optionChecker('Cascader')
  const name = check.string('name', options.name)
  if (/[,*]/.test(name)) check.fail('name', 'a string without "," and "*"', name)
  const recordsPerMessage = check.integer('recordsPerMessage', options.recordsPerMessage ?? 1, {
    min: 1,
    max: maxRecordsPerMessage,
  })
  const defaultBatchSize = Math.max(2_000, 20 * recordsPerMessage)
  return Object.freeze({
    name,
    producer: check.port('producer', options.producer, ['batch']),
    batchSize: check.integer('batchSize', options.batchSize ?? defaultBatchSize, { min: 1 }),
    recordsPerMessage,
    rememberedTargets: check.integer('rememberedTargets', options.rememberedTargets ?? 100_000),
    rememberedChanges: check.integer('rememberedChanges', options.rememberedChanges ?? 0),
    stream: check.callable('stream', options.stream ?? recordStreamOf),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
