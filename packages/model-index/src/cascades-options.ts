import type { CascaderOptions, CascaderRunOptions } from '@kt/cascader'
import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger, MessageConsumer, Meter } from '@kt/core'
import type { AnyModel } from './path.ts'

export interface CascadesOptions
  extends
    Pick<CascaderOptions, 'producer' | 'recordsPerMessage' | 'rememberedChanges' | 'logger' | 'meter'>,
    Pick<CascaderRunOptions, 'from'> {
  /** Receives the messages about changed records. */
  readonly consumer: MessageConsumer
  /**
   * Returns the topic of a model.
   *
   * @defaultValue the topic that `updateStream` gave to the model in this process, else its table name
   */
  readonly topic?: (model: AnyModel) => string
  /**
   * Returns the topic for the messages about an indexed model's records. With a topic and an Indexer of their own, they
   * don't delay the edits of single records, however many they are.
   *
   * @defaultValue the topic of the model
   */
  readonly targetTopic?: (model: AnyModel) => string
  /**
   * A topic in which large cascades wait, so that they don't delay others and are not lost or repeated by a crash.
   *
   * @defaultValue none: each cascade is done as a whole, and repeated as a whole after a crash
   */
  readonly lane?: LaneOptions
}

export interface LaneOptions {
  /**
   * The topic, for these cascades alone. Its partitions are how many large cascades may proceed at a time. It needs
   * `cleanup.policy=delete` and a `<topic>.dead-letter`.
   */
  readonly topic: string
  /**
   * The consumer group of its workers.
   *
   * @defaultValue the `topic`
   */
  readonly name?: string
  /**
   * The number of records, read for one changed record, from which on a cascade goes to the lane. It begins anew there,
   * so that many are sent twice. Records between the changed and the indexed ones count, too.
   *
   * @defaultValue 1_000
   */
  readonly from?: number
  /**
   * The number of records of a page, after which another cascade has its turn. A crash of the lane's worker repeats one
   * page.
   *
   * @defaultValue 2_000
   */
  readonly pageSize?: number
  /**
   * The most records per second that each process sends from the lane, so that single edits stay fast meanwhile. Pages
   * are smaller then, two per second. A thousand per second work off 300,000 records in five minutes.
   *
   * @defaultValue `Infinity`: as fast as possible
   */
  readonly recordsPerSecond?: number
}

export type ResolvedCascadesOptions = Omit<CascadesOptions, 'lane' | 'logger' | 'meter'> & {
  readonly lane: Required<LaneOptions> | undefined
  readonly logger: Logger
  readonly meter: Meter
}

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveCascadesOptions(options: CascadesOptions): ResolvedCascadesOptions {
  const check = optionChecker('cascades')
  const { lane, logger = defaultLogger, meter = noopMeter } = options
  return {
    ...options,
    consumer: check.port('consumer', options.consumer, ['consume']),
    lane: lane && {
      topic: check.string('lane.topic', lane.topic),
      name: check.string('lane.name', lane.name ?? lane.topic),
      from: check.integer('lane.from', lane.from ?? 1_000),
      pageSize: check.integer('lane.pageSize', lane.pageSize ?? 2_000, { min: 1 }),
      recordsPerSecond:
        lane.recordsPerSecond === undefined
          ? Infinity
          : check.integer('lane.recordsPerSecond', lane.recordsPerSecond, { min: 1 }),
    },
    logger: check.port('logger', logger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', meter, ['add', 'record']),
  }
}
