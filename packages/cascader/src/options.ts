import { defaultLogger, noopMeter, optionChecker, recordStreamOf } from '@kt/core'
import type { Logger, MessageProducer, Meter, RecordStream } from '@kt/core'

export interface CascaderOptions {
  /**
   * Marks the messages that this Cascader sends, so that it doesn't follow its own. Workers that do the same share the
   * name; it has no comma and no `*`.
   */
  readonly name: string
  /** What sends the messages. It takes the dead letters of `handler` as well, to `<topic>.dead-letter`. */
  readonly producer: MessageProducer
  /**
   * The most records of one request. More cost less, for the brokers and for the workers that fetch them, and are held
   * in memory twice: those on their way, and those being gathered.
   *
   * @defaultValue 2000, or 20 messages' worth where `recordsPerMessage` makes that more
   */
  readonly batchSize?: number
  /**
   * How many records one message names, at most 1,000. With more than one, those of a topic whose payload is their id
   * and nothing else go together, as `{"ids":[1,2]}`. A large cascade then takes Kafka less than half of the work, and
   * this process and those of the Indexers three quarters of the CPU; 500 is plenty.
   *
   * Indexers and Cascaders understand such messages, the Ruby gem and handlers with `decodePayload` do not. They have no
   * key, so a record may be indexed by two workers at a time, which only an Indexer with `versions` may do, and a topic
   * that is compacted refuses them.
   *
   * @defaultValue 1
   */
  readonly recordsPerMessage?: number
  /**
   * How many targets of one import are remembered, so that each gets one message: children of few parents, say. More
   * remembers longer; one takes about 100 bytes.
   *
   * @defaultValue 100_000
   */
  readonly rememberedTargets?: number
  /**
   * The topic and payload of a record whose class doesn't tell them, as a Sequelize model does after `updateStream`.
   *
   * @defaultValue what the record's class tells
   */
  readonly stream?: (record: object) => RecordStream | undefined
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

/** With ids of any length, a message of so many is smaller than the largest that Kafka takes by default. */
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
    stream: check.callable('stream', options.stream ?? recordStreamOf),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
