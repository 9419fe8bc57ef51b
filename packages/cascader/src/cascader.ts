import {
  deadLetterTopic,
  decodeNamed,
  errorFields,
  isRecordList,
  optionChecker,
  payloadKey,
  payloadReferences,
  requireTopic,
  TopicWorker,
} from '@kt/core'
import type {
  Consumption,
  Message,
  MessageConsumer,
  MessageHandler,
  Payload,
  RecordList,
  RunOptions,
  StartOffset,
} from '@kt/core'
import { Chain } from './chain.ts'
import { Importer } from './importer.ts'
import type { Records } from './importer.ts'
import { isolateFaults } from './isolate-faults.ts'
import { resolveCascaderOptions } from './options.ts'
import type { CascaderOptions, ResolvedCascaderOptions } from './options.ts'

export interface ImportOptions {
  /** Stops the import when it fires; what was sent stays sent. */
  readonly signal?: AbortSignal
}

export interface CascaderRunOptions extends RunOptions {
  /** Where the messages about changed records come from. */
  readonly consumer: MessageConsumer
  /** The topic of the changed records. */
  readonly topic: string
  /**
   * The records that depend on the changed ones.
   *
   * @param ids distinct, as strings
   * @param messages those that name these ids, for their `references`: see `Cascader.references`
   */
  readonly find: FindDependents
  /**
   * The consumer group: Cascaders of one name and topic share its partitions.
   *
   * @defaultValue the `name` of the Cascader
   */
  readonly group?: string
  /** Where a new consumer group begins. @defaultValue 'earliest' */
  readonly from?: StartOffset
  /**
   * The most messages that are looked up at once.
   *
   * @defaultValue 1_000
   */
  readonly lookUpBatchSize?: number
}

/** Finds the records that depend on the changed ones. */
export type FindDependents = (
  ids: readonly string[],
  messages: readonly Message[],
) => Records | Promise<Records>

/**
 * Turns messages about changed records into messages for the records that depend on them, so that a country's new name
 * reaches its cities. `run` is all that most need. `import` and `cascade` are for handlers of one's own: when they
 * resolve Kafka has acknowledged everything, so that the batch may be committed, and a crash repeats it.
 *
 * Every message that it sends carries the names of the Cascaders that it has passed, and none follows a message with
 * its own name. So cascades end, through cyclic associations as well.
 */
export class Cascader extends TopicWorker {
  readonly #options: ResolvedCascaderOptions

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: CascaderOptions) {
    super('Cascader')
    this.#options = resolveCascaderOptions(options)
  }

  /**
   * Follows a topic: finds the records that depend on each batch of changed ones, and sends their messages. Resolves once
   * it has joined its consumer group. Called again, it waits for the same; when it failed, it may be called anew. What
   * `find` can never look up becomes a dead letter: see `handler`.
   *
   * @throws KtError `KT_OPTION_INVALID`, what the consumer throws (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED`
   *   when the dead-letter topic is missing, and `KT_CLOSED` after `close()`
   */
  async run(options: CascaderRunOptions): Promise<void> {
    const check = optionChecker('Cascader.run')
    check.port('consumer', options.consumer, ['consume'])
    check.string('topic', options.topic)
    check.callable('find', options.find)
    await this.begin((signal) => this.#consume(options, signal), options)
  }

  /**
   * The distinct ids of the changed records. Left out are messages that this Cascader must not follow, and, counted and
   * logged, those that are no payload: the Indexer makes them dead letters.
   */
  ids(messages: readonly Message[]): string[] {
    const followed = messages.filter((message) => Chain.of(message).isOpenTo(this.#options.name))
    return this.#idsOf(followed)
  }

  /**
   * The distinct former values of a foreign key, from the payloads' `references`: the old parents of moved records and
   * the parents of deleted ones, which the database doesn't tell any more.
   */
  references(messages: readonly Message[], attribute: string): string[] {
    const ids = new Set<string>()
    for (const message of messages) {
      if (!Chain.of(message).isOpenTo(this.#options.name)) continue
      const named = this.#decode(message)
      const references = named === undefined || isRecordList(named) ? {} : payloadReferences(named)
      if (!Object.hasOwn(references, attribute)) continue
      for (const id of references[attribute] ?? []) ids.add(id)
    }
    return [...ids]
  }

  /**
   * Sends a message for each record, its payload, to its topic; or for many together, with `recordsPerMessage`. Records
   * that occur again in the same import are left out, as far back as `rememberedTargets` reach; so call it for each batch
   * of messages anew. No Cascader follows these messages; for cascades over several levels see `cascade`.
   *
   * @returns the number of records that were named
   * @throws KtError what the producer throws; `KT_ABORTED`; `KT_OPTION_INVALID` when it isn't known how a record is
   *   streamed. And what the iterable throws.
   */
  async import(records: Records, options: ImportOptions = {}): Promise<number> {
    return new Importer(this.#options, Chain.endingWith(this.#options.name), options.signal).import(records)
  }

  /**
   * Finds and imports the records that depend on the changed ones, such that other Cascaders follow the messages: a
   * change of a continent reaches its countries, and then, by a second Cascader, their cities.
   *
   * @param find gets the ids of messages that have passed the same Cascaders, and these messages; it is called for each
   *   such group
   * @returns the number of records that were named
   * @throws as `import`, and what `find` throws.
   */
  async cascade(
    messages: readonly Message[],
    find: FindDependents,
    options: ImportOptions = {},
  ): Promise<number> {
    const { name } = this.#options
    let count = 0
    for (const [chain, group] of this.#groups(messages)) {
      const ids = this.#idsOf(group)
      if (ids.length === 0) continue
      const records = await find(ids, group)
      count += await new Importer(this.#options, chain.with(name), options.signal).import(records)
    }
    return count
  }

  /**
   * The handler for a consumer whose `work` looks up what depends on the changed records. A message whose data a look-up
   * fails on (an id `x` where the column holds numbers) becomes a dead letter, on `<topic>.dead-letter`, and stops no
   * others: see the README for what counts as that. Everything else that `work` throws is tried again by the consumer.
   */
  handler(work: MessageHandler): MessageHandler {
    return isolateFaults(this.#options, work)
  }

  async #consume(options: CascaderRunOptions, closing: AbortSignal): Promise<Consumption> {
    const { consumer, topic, find, from, group = this.#options.name, lookUpBatchSize: batchSize } = options
    await requireTopic(this.#options.producer, deadLetterTopic(topic), 'dead letters', closing)
    const follow: MessageHandler = async (messages, { signal }) => {
      await this.cascade(messages, find, { signal })
    }
    return consumer.consume(
      {
        topic,
        name: group,
        ...(batchSize !== undefined && { batchSize }),
        ...(from !== undefined && { from }),
        signal: closing,
      },
      this.handler(follow),
    )
  }

  /** The messages to follow, by what they have passed. */
  #groups(messages: readonly Message[]): Iterable<[Chain, Message[]]> {
    const groups = new Map<string, [Chain, Message[]]>()
    for (const message of messages) {
      const chain = Chain.of(message)
      if (!chain.isOpenTo(this.#options.name)) continue
      const group = groups.get(chain.toString()) ?? [chain, []]
      group[1].push(message)
      groups.set(chain.toString(), group)
    }
    return groups.values()
  }

  #idsOf(messages: readonly Message[]): string[] {
    const { name, logger, meter } = this.#options
    const ids = new Set<string>()
    for (const message of messages) {
      const named = this.#decode(message, (error) => {
        const { topic, partition, offset } = message
        meter.add('kt_cascader_malformed_total', 1, { name, topic })
        const place = { cascader: name, topic, partition, offset: String(offset) }
        logger.warn('A message is not a payload and is passed over', { ...place, ...errorFields(error) })
      })
      if (named === undefined) continue
      if (isRecordList(named)) for (const id of named.ids) ids.add(String(id))
      else ids.add(payloadKey(named))
    }
    return [...ids]
  }

  #decode(message: Message, onMalformed?: (error: unknown) => void): Payload | RecordList | undefined {
    try {
      return decodeNamed(message.value)
    } catch (error) {
      onMalformed?.(error)
      return undefined
    }
  }
}
