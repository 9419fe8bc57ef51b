import { backoff, errorFields, KtError, sleep } from '@kt/core'
import type { Backoff, BatchContext, Hold, KtErrorCode, Message } from '@kt/core'
import { throwIfAborted } from './abort.ts'
import { BulkWriter } from './bulk-writer.ts'
import type { WriteResult } from './bulk-writer.ts'
import { ChangeMemory } from './change-memory.ts'
import { DeadLetters } from './dead-letters.ts'
import type { GivenUp } from './dead-letters.ts'
import { parseBatch } from './entry.ts'
import type { Entry } from './entry.ts'
import { originOf } from './error-origin.ts'
import { IndexerMetrics } from './metrics.ts'
import { buildOperations } from './operation.ts'
import type { Operation, Read } from './operation.ts'
import type { ResolvedOptions } from './options.ts'
import { loadFailed, RecordLoader } from './record-loader.ts'
import { settle } from './settle.ts'
import type { Settled } from './settle.ts'
import { needsAttention } from './verdict.ts'
import type { Reason } from './verdict.ts'

/** So often a batch that can't be loaded is tried as it is, before it is asked for again with what came after it. */
const loadAttempts = 3

/** A number of retries at which any backoff has reached its longest wait. */
const longestWait = 64

/** What is known of the batch in hand. */
interface Batch {
  readonly context: BatchContext
  readonly givenUp: GivenUp[]
  /** Whether the search engine was seen to take writes. */
  takesWrites: boolean
}

/** One try of a batch. */
interface Round {
  readonly batch: Batch
  readonly entries: readonly Entry[]
  readonly attempt: number
}

/** Brings the index up to date for one batch of messages. */
export class BatchProcessor<Record> {
  readonly #options: ResolvedOptions<Record>
  readonly #backoff: Backoff
  readonly #changes: ChangeMemory
  readonly #metrics: IndexerMetrics
  readonly #loader: RecordLoader<Record>
  readonly #writer: BulkWriter
  readonly #deadLetters: DeadLetters

  constructor(options: ResolvedOptions<Record>) {
    const { client, maxBulkBytes, requestTimeoutMs } = options
    const index = options.index.name
    this.#options = options
    this.#backoff = backoff(options.retry)
    this.#changes = new ChangeMemory(options.rememberedChanges)
    this.#metrics = new IndexerMetrics(options.meter, { index, topic: options.topic, name: options.name })
    this.#loader = new RecordLoader(options.index)
    this.#writer = new BulkWriter({ client, index, maxBulkBytes, requestTimeoutMs, metrics: this.#metrics })
    this.#deadLetters = new DeadLetters(options.deadLetters, options.logger)
  }

  /**
   * Resolves when every message is indexed or given up. What may yet succeed is tried again for as long as it takes,
   * each time with a fresh read.
   *
   * @returns the wish for the batch to come again, with what has arrived since, when it can't be loaded
   * @throws KtError `KT_LOAD_FAILED`, `KT_ABORTED`, and what the dead letters' producer throws: the batch is to be
   *   delivered again.
   */
  async process(messages: readonly Message[], context: BatchContext): Promise<Hold | void> {
    try {
      await this.#process(messages, context)
    } catch (error) {
      const [first] = messages
      if (!KtError.isInstance(error, 'KT_LOAD_FAILED') || context.attempt < loadAttempts || !first)
        throw error
      // A good record among what has arrived shows that the database answers, and that a bad one is at fault.
      this.#options.logger.error('The records cannot be loaded', {
        index: this.#options.index.name,
        partition: context.partition,
        ...errorFields(error),
      })
      return { from: first.offset, forMs: this.#backoff(longestWait) }
    }
  }

  async #process(messages: readonly Message[], context: BatchContext): Promise<void> {
    const parsed = parseBatch(messages, (changeId, id) => this.#changes.has(changeId, id))
    this.#metrics.records('skipped', parsed.skipped)
    const givenUp = parsed.unparseable.map((message) => giveUp([message], 'KT_PAYLOAD_INVALID', 1))
    const batch = { context, givenUp, takesWrites: false }
    let { entries } = parsed
    for (let attempt = 1; entries.length > 0; attempt++) {
      if (attempt > 1) await sleep(this.#backoff(attempt - 1), context.signal)
      throwIfAborted(context.signal)
      entries = await this.#try({ batch, entries, attempt })
    }
    await this.#deadLetters.send(givenUp)
    this.#metrics.records('dead', givenUp.length)
  }

  /** @returns the entries that are to be tried again. */
  async #try(round: Round): Promise<readonly Entry[]> {
    const { batch, attempt } = round
    const { signal } = batch.context
    const { read, loaded } = await this.#read(round)
    // What was read may be old by now if the partition has gone to another worker.
    throwIfAborted(signal)
    const { operations, failed } = await buildOperations(this.#options.index, loaded, read)
    for (const { entry, error } of failed) {
      this.#options.logger.warn('The index definition failed on a record', {
        index: this.#options.index.name,
        id: entry.id,
        ...originOf(error),
      })
      batch.givenUp.push(giveUp(entry.messages, 'KT_DOCUMENT_FAILED', attempt, { id: entry.id }))
    }
    throwIfAborted(signal)
    const result = await this.#writer.write(operations, signal)
    const { settled, unproven } = settle(result.verdicts, attempt, batch.takesWrites)
    if (unproven) batch.takesWrites = await this.#writer.takesWrites(signal)
    return this.#conclude(round, operations, settled, result)
  }

  async #read(round: Round): Promise<{ read: Read<Record>; loaded: readonly Entry[] }> {
    const { batch, entries, attempt } = round
    const ticket = await this.#ticket()
    const startedAt = performance.now()
    const ids = entries.map(({ id }) => id)
    const { records, failed } = await this.#loader.load(ids, batch.context)
    this.#metrics.load(ids.length, performance.now() - startedAt)
    for (const { id, messages } of entries)
      if (failed.has(id)) batch.givenUp.push(giveUp(messages, 'KT_LOAD_FAILED', attempt, { id }))
    return {
      read: { records, ticket },
      loaded: failed.size === 0 ? entries : entries.filter(({ id }) => !failed.has(id)),
    }
  }

  async #ticket(): Promise<number | undefined> {
    try {
      return await this.#options.versions?.next()
    } catch (error) {
      throw loadFailed(error)
    }
  }

  #conclude(
    round: Round,
    operations: readonly Operation[],
    settled: readonly Settled[],
    result: WriteResult,
  ): readonly Entry[] {
    const now = Date.now()
    const again: Entry[] = []
    let reason: Reason = {}
    const counts = { indexed: 0, deleted: 0, newer: 0 }
    operations.forEach(({ entry, kind }, i) => {
      const verdict: Settled = settled[i] ?? { kind: 'retry' }
      if (verdict.kind === 'retry') {
        again.push(entry)
        reason = verdict
      } else if (verdict.kind === 'rejected') {
        const { status, type } = verdict
        round.batch.givenUp.push(
          giveUp(entry.messages, 'KT_DOCUMENT_REJECTED', round.attempt, { id: entry.id, status, type }),
        )
      } else {
        counts[verdict.kind === 'newer' ? 'newer' : kind === 'index' ? 'indexed' : 'deleted']++
        this.#metrics.latency(entry.messages, now)
        // A delete is done twice rather than skipped: the search engine soon forgets its version, and then a late
        // write of a stalled worker brings the document back, until the delay message comes due.
        if (kind === 'index') this.#changes.remember(entry)
      }
    })
    this.#metrics.records('indexed', counts.indexed)
    this.#metrics.records('deleted', counts.deleted)
    this.#metrics.records('newer', counts.newer)
    if (again.length > 0) this.#reportRetry(round, again.length, reason, result.error)
    return again
  }

  #reportRetry({ attempt, batch }: Round, records: number, reason: Reason, error: unknown): void {
    this.#metrics.retries(records)
    const { status, type } = reason
    const level = needsAttention(reason) ? 'error' : 'warn'
    this.#options.logger[level]('The search engine did not take all documents: they are tried again', {
      index: this.#options.index.name,
      partition: batch.context.partition,
      records,
      attempt,
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
      // An answer may quote the documents; without one it is the client's own error, such as a refused connection.
      ...(status === undefined && error !== undefined && errorFields(error)),
    })
  }
}

function giveUp(
  messages: readonly Message[],
  code: KtErrorCode,
  attempts: number,
  details: {
    readonly id?: string
    readonly status?: number | undefined
    readonly type?: string | undefined
  } = {},
): GivenUp {
  const { id, status, type } = details
  return {
    messages,
    reason: {
      code,
      attempts,
      ...(id !== undefined && { id }),
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
    },
  }
}
