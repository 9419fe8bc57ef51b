import {
  deadLetterTopic,
  decodeNamed,
  errorFields,
  headerNames,
  isRecordList,
  payloadKey,
  payloadReferences,
} from '@kt/core'
import { encodeOrigins, optionChecker, originsOf, requireTopic, TopicWorker } from '@kt/core/internal'
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
import { CascadedChanges } from './cascaded-changes.ts'
import { Chain } from './chain.ts'
import { Importer } from './importer.ts'
import type { Records } from './importer.ts'
import { isolateFaults } from './isolate-faults.ts'
import { resolveCascaderOptions } from './options.ts'
import type { CascaderOptions, ResolvedCascaderOptions } from './options.ts'

export interface ImportOptions {
  /** Stops the import when it fires. Messages that were sent before stay sent. */
  readonly signal?: AbortSignal
  /**
   * The messages that have caused the import. When one of the records is given up later, `waitForIndexed` returns
   * `failed` for their changes. `run` and `cascade` set this option themselves.
   *
   * @defaultValue none
   */
  readonly causes?: readonly Pick<Message, 'topic' | 'partition' | 'offset' | 'headers'>[]
}

export interface CascaderRunOptions extends RunOptions {
  /** Receives the messages about changed records. */
  readonly consumer: MessageConsumer
  /** The topic of the changed records. */
  readonly topic: string
  /**
   * Finds the records that depend on the changed ones.
   *
   * @param ids distinct, as strings
   * @param messages the messages with these ids, for their `references`: see `Cascader.references`
   */
  readonly find: FindDependents
  /**
   * The consumer group. Cascaders with the same group share the topic's partitions.
   *
   * @defaultValue the `name` of the Cascader
   */
  readonly group?: string
  /** Where a new consumer group begins. @defaultValue 'earliest' */
  readonly from?: StartOffset
  /**
   * The most messages of one lookup. Larger batches cost less per message, but a retry repeats more.
   *
   * @defaultValue 1_000
   */
  readonly lookUpBatchSize?: number
  /**
   * Whether other Cascaders cascade the messages further. `false` fits where `find` already returns the dependents of
   * dependents.
   *
   * @defaultValue true
   */
  readonly continues?: boolean
}

/** Finds the records that depend on the changed ones. */
export type FindDependents = (
  ids: readonly string[],
  messages: readonly Message[],
) => Records | Promise<Records>

/**
 * Turns messages about changed records into messages for the records that depend on them, so that a country's new name
 * reaches its cities. Most applications need only `run`. `import` and `cascade` are for custom handlers: when they
 * resolve, Kafka has acknowledged all messages, so the batch can be committed. A crash repeats the batch.
 *
 * Each message that it sends has a header with the names of the Cascaders that it has passed. A Cascader ignores
 * messages with its own name, so cascades end even with cyclic associations.
 */
export class Cascader extends TopicWorker {
  readonly #options: ResolvedCascaderOptions
  readonly #cascaded: CascadedChanges

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: CascaderOptions) {
    super('Cascader')
    this.#options = resolveCascaderOptions(options)
    this.#cascaded = new CascadedChanges(this.#options.rememberedChanges)
  }

  /**
   * Consumes a topic: finds the records that depend on each batch of changed ones, and sends their messages. Resolves
   * once it has joined its consumer group. A second call waits for the same start. After a failure it may be called
   * again. Messages that `find` can never look up become dead letters: see `handler`.
   *
   * @throws KtError `KT_OPTION_INVALID`, the consumer's errors (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED`
   *   when the dead-letter topic is missing, and `KT_CLOSED` after `close()`
   */
  async run(options: CascaderRunOptions): Promise<void> {
    const check = optionChecker('Cascader.run')
    check.port('consumer', options.consumer, ['consume'])
    check.string('topic', options.topic)
    check.callable('find', options.find)
    if (options.continues !== undefined) check.boolean('continues', options.continues)
    await this.begin((signal) => this.#consume(options, signal), options)
  }

  /**
   * Returns the distinct ids of the changed records. Skips messages that this Cascader must not cascade. Also skips
   * messages whose value is no payload, which it counts and logs: the Indexer makes them dead letters.
   */
  ids(messages: readonly Message[]): string[] {
    const open = messages.filter((message) => Chain.of(message).isOpenTo(this.#options.name))
    return this.#idsOf(open)
  }

  /**
   * Returns the distinct former values of a foreign key, from the payloads' `references`: the old parents of moved
   * records and the parents of deleted ones, which the database no longer knows.
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
   * Sends the payload of each record to its topic, in a message of its own or, with `recordsPerMessage`, together with
   * others. Skips records that occur again in the same import, as far as `rememberedTargets` allows. So call it once
   * for each batch of messages. No Cascader cascades these messages further; for several levels see `cascade`.
   *
   * @returns the number of records that were sent
   * @throws KtError the producer's errors; `KT_ABORTED`; `KT_OPTION_INVALID` when the topic and payload of a record are
   *   unknown. Also the errors of the iterable.
   */
  async import(records: Records, options: ImportOptions = {}): Promise<number> {
    const { name } = this.#options
    return this.#import(records, Chain.endingWith(name), options)
  }

  /**
   * Finds and imports the records that depend on the changed ones. Other Cascaders cascade these messages further: a
   * change of a continent reaches its countries and then, through a second Cascader, their cities.
   *
   * @param find called for each group of messages that have passed the same Cascaders, with their ids
   * @returns the number of records that were sent
   * @throws the errors of `import` and of `find`
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
      count += await this.#import(records, chain.with(name), { causes: group, ...options })
    }
    return count
  }

  /**
   * Returns a handler for a consumer. Its `work` looks up the records that depend on the changed ones. A message whose
   * data makes the lookup fail, such as an id `x` for a numeric column, becomes a dead letter on `<topic>.dead-letter`,
   * and does not block others. The README lists these errors. The consumer retries after any other error of `work`.
   *
   * Skips delay messages of changes that `work` has already processed: see `rememberedChanges`.
   */
  handler(work: MessageHandler): MessageHandler {
    const isolated = isolateFaults(this.#options, work)
    return async (messages, context) => {
      const open = messages.filter((message) => !this.#cascaded.includes(message))
      if (open.length === 0) return
      const pause = await isolated(open, context)
      if (pause === undefined) this.#cascaded.add(open)
      return pause
    }
  }

  async #consume(options: CascaderRunOptions, closing: AbortSignal): Promise<Consumption> {
    const { consumer, topic, find, from, group = this.#options.name, continues = true } = options
    const { lookUpBatchSize: batchSize } = options
    await requireTopic(this.#options.producer, deadLetterTopic(topic), 'dead letters', closing)
    const work: MessageHandler = async (messages, { signal }) => {
      if (continues) await this.cascade(messages, find, { signal })
      else await this.#importAll(messages, find, signal)
    }
    return consumer.consume(
      {
        topic,
        name: group,
        ...(batchSize !== undefined && { batchSize }),
        ...(from !== undefined && { from }),
        signal: closing,
      },
      this.handler(work),
    )
  }

  #import(records: Records, chain: Chain, { causes = [], signal }: ImportOptions): Promise<number> {
    const headers = {
      [headerNames.cascade]: chain.toString(),
      ...(causes.length > 0 && { [headerNames.origins]: encodeOrigins(originsOf(causes)) }),
    }
    return new Importer(this.#options, headers, signal).import(records)
  }

  async #importAll(messages: readonly Message[], find: FindDependents, signal: AbortSignal): Promise<void> {
    const ids = this.ids(messages)
    if (ids.length > 0) await this.import(await find(ids, messages), { signal, causes: messages })
  }

  /** Groups the messages to cascade by the Cascaders that they have passed. */
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
        logger.warn('The value of a message is no payload: the message is skipped', {
          ...place,
          ...errorFields(error),
        })
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
