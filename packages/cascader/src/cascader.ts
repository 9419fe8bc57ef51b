import { decodeNamed, errorFields, isRecordList, payloadKey, payloadReferences } from '@kt/core'
import type { Message, MessageHandler, Payload, RecordList } from '@kt/core'
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

/**
 * Turns messages about changed records into messages for the records that depend on them, so that a country's new name
 * reaches its cities. It sends nothing by itself; use it in the handler of a consumer: when `import` or `cascade`
 * resolves Kafka has acknowledged all of it, so the batch may be committed, and a crash repeats it.
 *
 * Every message that it sends carries the names of the Cascaders that it has passed, and none follows a message with
 * its own name. So cascades end, through cyclic associations as well.
 */
export class Cascader {
  readonly #options: ResolvedCascaderOptions

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: CascaderOptions) {
    this.#options = resolveCascaderOptions(options)
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
    find: (ids: readonly string[], messages: readonly Message[]) => Records | Promise<Records>,
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
        const place = { name, topic, partition, offset: String(offset) }
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
