import { errorFields, KtError, payloadKey } from '@kt/core'
import { optionChecker, toPayload } from '@kt/core/internal'
import { BatchSender } from './batch-sender.ts'
import { Interruptible } from './interruptible.ts'
import type { ResolvedCascaderOptions } from './options.ts'
import { RecentTargets } from './recent-targets.ts'
import type { Target } from './target.ts'

type Maybe = object | null | undefined

/**
 * The records of one cascade, as an iterable or an async iterable. `null` and `undefined`, such as the missing parent
 * of a record, are skipped. An async iterable may also yield arrays of records, such as the rows of one query. That is
 * faster, because it awaits each array and not each record.
 */
export type Records = Iterable<Maybe> | AsyncIterable<Maybe | readonly Maybe[]>

type Items = Interruptible<Maybe | readonly Maybe[]>

const check = optionChecker('Cascader')

/** Sends the messages for the records of one cascade, each record once. */
export class Importer {
  readonly #options: ResolvedCascaderOptions
  readonly #signal: AbortSignal | undefined
  readonly #recent: RecentTargets
  readonly #sender: BatchSender
  #items: Items | undefined

  /** @param headers the headers of all messages */
  constructor(
    options: ResolvedCascaderOptions,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ) {
    this.#options = options
    this.#signal = signal
    this.#recent = new RecentTargets(options.rememberedTargets)
    // Interrupts the wait for the next item, which may take long.
    this.#sender = new BatchSender(options, headers, (error) => this.#items?.interrupt(error))
  }

  /**
   * Sends all records. Before Kafka has acknowledged all batches but the last, takes no more records than fit a batch,
   * and from an async iterable one more item.
   *
   * @returns the number of records that were sent
   */
  async import(records: Records): Promise<number> {
    this.#throwIfAborted()
    if (Symbol.asyncIterator in records) await this.#drain((this.#items = new Interruptible(records)))
    else await this.#takeAll(records)
    return this.#sender.finish()
  }

  async #drain(items: Items): Promise<void> {
    const onAbort = (): void => items.interrupt(aborted())
    this.#signal?.addEventListener('abort', onAbort)
    let isOpen = true
    try {
      let found = items.next()
      for (;;) {
        const { done, value } = await found
        if (done === true) {
          isOpen = false
          return
        }
        // Requests the next item while these records are sent.
        found = items.next()
        found.catch(() => undefined)
        if (isList(value)) await this.#takeAll(value)
        else if (this.#take(value)) await this.#sender.send()
      }
    } finally {
      this.#signal?.removeEventListener('abort', onAbort)
      if (isOpen) items.close()
    }
  }

  async #takeAll(records: Iterable<Maybe>): Promise<void> {
    for (const record of records) {
      this.#throwIfAborted()
      if (this.#take(record)) await this.#sender.send()
    }
  }

  /** @returns whether the batch must be sent before the next record is taken */
  #take(record: Maybe): boolean {
    if (record === null || record === undefined) return false
    const target = this.#target(record)
    if (target === undefined || !this.#recent.add(target.topic, target.key)) return false
    return this.#sender.add(target)
  }

  #throwIfAborted(): void {
    if (this.#signal?.aborted === true) throw aborted()
  }

  /** Skips a record without a usable payload, so that the others are sent. */
  #target(record: object): Target | undefined {
    const { stream: streamOf, logger, meter, name } = this.#options
    const stream = streamOf(record)
    if (stream === undefined)
      return check.fail(
        'stream',
        `given, because ${record.constructor.name} does not define its topic and payload`,
      )
    const { topic } = stream
    try {
      const payload = toPayload(stream.payload(record))
      return { topic, key: payloadKey(payload), payload }
    } catch (error) {
      meter.add('kt_cascader_failed_records_total', 1, { name })
      logger.error('A record has no usable payload and is skipped', {
        cascader: name,
        topic,
        ...errorFields(error),
      })
      return undefined
    }
  }
}

function isList(item: Maybe | readonly Maybe[]): item is readonly Maybe[] {
  return Array.isArray(item)
}

function aborted(): KtError {
  return new KtError('KT_ABORTED', 'The import was aborted', { retryable: false })
}
