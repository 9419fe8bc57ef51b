import { errorFields, KtError } from '@kt/core'
import { ChangeMemory, backoff, sleep } from '@kt/core/internal'
import type { BatchContext, Message, Pause } from '@kt/core'
import type { Backoff } from '@kt/core/internal'
import { throwIfAborted } from './abort.ts'
import { BulkWriter } from './bulk/bulk-writer.ts'
import { CopyFinder } from './document/copy-finder.ts'
import type { Copies } from './document/copy-finder.ts'
import { DeadLetters, giveUp, unparseable } from './dead-letters/dead-letters.ts'
import { parseBatch } from './entry.ts'
import type { Entry } from './entry.ts'
import { IndexerMetrics } from './metrics.ts'
import { buildOperations } from './document/operation.ts'
import type { Operations } from './document/operation.ts'
import { IndexGuard } from './bulk/index-guard.ts'
import { ByteLimiter } from './read/byte-limiter.ts'
import type { ResolvedOptions } from './options.ts'
import { PartSize } from './read/part-size.ts'
import type { Batch, Part, Prepared, Round } from './round.ts'
import { readColumns } from './read/read-columns.ts'
import { RecordLoader } from './read/record-loader.ts'
import type { Read } from './read/record-loader.ts'
import { inParts, readAhead } from './read/read-ahead.ts'
import { RefusalCounter } from './bulk/refusal-counter.ts'
import { resolve } from './bulk/resolve.ts'
import { groupByOutcome } from './bulk/outcomes.ts'
import type { Outcomes } from './bulk/outcomes.ts'
import { TicketGuard } from './bulk/ticket-guard.ts'
import { isOverload, needsAttention } from './bulk/classify.ts'
import type { Classification } from './bulk/classify.ts'

/** After this many failed loads a batch is paused, and delivered again together with later messages. */
const loadAttempts = 3

/** A number of tries after which any backoff has reached its longest wait. */
const longestWait = 64

/**
 * From this try on, isolates operations that are refused (429) although others are accepted. Before, overload may pass.
 */
const isolateFrom = 5

/** Brings the index up to date for one batch of messages. */
export class BatchProcessor<Record> {
  readonly #options: ResolvedOptions<Record>
  readonly #backoff: Backoff
  readonly #changes: ChangeMemory
  readonly #metrics: IndexerMetrics
  readonly #partSize: PartSize
  readonly #byteLimiter: ByteLimiter
  readonly #loader: RecordLoader<Record>
  readonly #writer: BulkWriter
  readonly #deadLetters: DeadLetters
  readonly #guard: IndexGuard
  readonly #copies: CopyFinder
  readonly #ticketGuard: TicketGuard
  #acceptsDeadLetters = true

  constructor(options: ResolvedOptions<Record>) {
    const { client, maxBulkBytes, requestTimeoutMs } = options
    const index = options.index.name
    this.#options = options
    this.#backoff = backoff(options.retry)
    this.#changes = new ChangeMemory(options.rememberedChanges)
    this.#metrics = new IndexerMetrics(options.meter, { index, topic: options.topic, name: options.name })
    this.#partSize = new PartSize(options)
    this.#byteLimiter = new ByteLimiter(options.maxInFlightBytes)
    this.#loader = new RecordLoader(options.index, options.versions, options.loadTimeoutMs)
    this.#writer = new BulkWriter({ client, index, maxBulkBytes, requestTimeoutMs, metrics: this.#metrics })
    const { versions, loadTimeoutMs, logger } = options
    this.#copies = new CopyFinder({ client, index, requestTimeoutMs, logger })
    this.#guard = new IndexGuard({ client, index, requestTimeoutMs, logger })
    this.#ticketGuard = new TicketGuard({ versions, index, loadTimeoutMs, logger })
    this.#deadLetters = new DeadLetters(options.deadLetters, options.logger)
  }

  /** Whether the index exists and Kafka accepts the dead letters, as far as known. Somebody has to fix either. */
  get isReady(): boolean {
    return this.#acceptsDeadLetters && !this.#guard.isMissing
  }

  /**
   * Resolves when every message is indexed or given up. Retries temporary failures without limit, each time with a
   * fresh read.
   *
   * @returns a pause from the first message when the records can't be loaded, so that later messages are delivered with
   *   them; or a pause of 0 ms from the first message that was left because those before it name enough records
   * @throws KtError `KT_LOAD_FAILED`, `KT_ABORTED`, and the errors of the dead letters' producer. The batch is then
   *   delivered again.
   */
  async process(messages: readonly Message[], context: BatchContext): Promise<Pause | void> {
    try {
      return await this.#process(messages, context)
    } catch (error) {
      const [first] = messages
      if (!KtError.isInstance(error, 'KT_LOAD_FAILED') || context.attempt < loadAttempts || !first)
        throw error
      // A later message may name a record that can be loaded, which shows that the database is available.
      this.#options.logger.error('The records cannot be loaded', {
        index: this.#options.index.name,
        partition: context.partition,
        ...errorFields(error),
      })
      return { from: first.offset, forMs: this.#backoff(longestWait) }
    }
  }

  async #process(messages: readonly Message[], context: BatchContext): Promise<Pause | undefined> {
    const isIndexed = (changeId: string, id: string): boolean => this.#changes.has(changeId, id)
    const reads = await readColumns(this.#options)
    const parsed = parseBatch(messages, isIndexed, { limit: this.#options.batchSize, reads })
    this.#metrics.records('skipped', parsed.skipped)
    this.#metrics.records('unread', parsed.unread)
    const batch: Batch = { context, givenUp: parsed.unparseable.map(unparseable), takesWrites: false }
    await readAhead(
      inParts(parsed.entries, () => this.#partSize.records),
      {
        read: (entries) => this.#prepare({ batch, entries }),
        work: (entries, prepared, expire) => this.#index({ batch, entries }, prepared, expire),
        drop: ({ permit }) => permit.release(),
      },
    )
    await this.#sendDeadLetters(batch)
    this.#metrics.records('dead', batch.givenUp.length)
    const rest = messages[parsed.messages]
    return rest && { from: rest.offset, forMs: 0 }
  }

  async #sendDeadLetters({ context, givenUp }: Batch): Promise<void> {
    try {
      await this.#deadLetters.send(givenUp)
      if (givenUp.length === 0) return
      this.#acceptsDeadLetters = true
      context.gaveUp?.(givenUp.flatMap(({ messages }) => messages))
    } catch (error) {
      this.#acceptsDeadLetters = false
      this.#metrics.deadLettersFailed()
      this.#options.logger.error('The dead letters could not be sent: the batch is retried', {
        topic: context.topic,
        partition: context.partition,
        records: givenUp.length,
        ...errorFields(error),
      })
      throw error
    }
  }

  /** @param expire drops the part that was read ahead. Called before a wait, so that its permit is free. */
  async #index(part: Part, prepared: Prepared, expire: () => void): Promise<void> {
    const { signal } = part.batch.context
    const refusals = new RefusalCounter()
    let entries = await this.#write({ ...part, attempt: 1, refusals }, prepared)
    for (let attempt = 2; entries.length > 0; attempt++) {
      expire()
      await sleep(this.#backoff(attempt - 1), signal)
      throwIfAborted(signal)
      const round = { ...part, entries, attempt, refusals }
      entries = await this.#write(round, await this.#prepare(round))
    }
  }

  /** @returns the entries to retry */
  async #write(round: Round, ahead: Prepared): Promise<readonly Entry[]> {
    const { batch, attempt, refusals } = round
    const { signal } = batch.context
    const prepared = this.#isOld(round, ahead) ? await this.#readAgain(round, ahead) : ahead
    const { lines, permit } = prepared
    try {
      // Not right after the read: a part that was read ahead may be read again.
      this.#giveUp(round, prepared)
      // If the partition went to another worker, these records may be out of date.
      throwIfAborted(signal)
      const isolate = attempt >= isolateFrom
      const { classifications, error } = await this.#writer.write(lines, prepared.target, { signal, isolate })
      if (classifications.some(({ kind }) => kind === 'refused')) batch.takesWrites = true
      const counted = refusals.count(lines.entries, classifications)
      const checked = prepared.ownVersions ? counted : await this.#ticketGuard.check(counted, prepared.ticket)
      const { resolutions, unproven } = resolve(checked, attempt, batch.takesWrites)
      if (unproven) batch.takesWrites = await this.#writer.takesWrites(signal)
      const outcomes = groupByOutcome(lines, resolutions)
      this.#conclude(round, prepared, outcomes)
      if (outcomes.retry.length > 0) this.#reportRetry(round, outcomes, error)
      permit.release(feedbackOf(outcomes, classifications))
      return outcomes.retry
    } finally {
      permit.release()
    }
  }

  /** Whether too much time has passed since the read: others may have written newer documents, or deleted them. */
  #isOld({ batch, entries }: Round, { readAtMs }: Prepared): boolean {
    const ageMs = Math.round(performance.now() - readAtMs)
    if (ageMs <= this.#options.maxReadAgeMs) return false
    this.#options.logger.warn('The records were read too long ago and are read again', {
      index: this.#options.index.name,
      partition: batch.context.partition,
      records: entries.length,
      ageMs,
    })
    return true
  }

  #readAgain(round: Round, { permit }: Prepared): Promise<Prepared> {
    permit.release()
    this.#metrics.retries(round.entries.length)
    return this.#prepare(round)
  }

  /** Acquires a permit, then reads and builds the operations. The caller releases the permit. */
  async #prepare(part: Part): Promise<Prepared> {
    const { entries, batch } = part
    const permit = await this.#byteLimiter.acquire(
      this.#partSize.bytesOf(entries.length),
      batch.context.signal,
    )
    try {
      const readAtMs = performance.now()
      const [read, target, copies] = await Promise.all([
        this.#read(part),
        this.#guard.check(),
        this.#findCopies(part),
      ])
      const unreadable = read.failed.size === 0 ? [] : entries.filter(({ id }) => read.failed.has(id))
      const readable = unreadable.length === 0 ? entries : entries.filter(({ id }) => !read.failed.has(id))
      const operations = await buildOperations(
        this.#options.index,
        readable,
        { ...read, copies },
        this.#options,
      )
      this.#reportFormer(part, operations)
      const { actions, body } = operations.lines
      this.#partSize.learn({ actions, body, buildMs: operations.buildMs })
      return { ...operations, readAtMs, ticket: read.ticket, permit, target, unreadable }
    } catch (error) {
      permit.release()
      throw error
    }
  }

  /** Without `options`, no document has a routing. */
  async #findCopies({ entries }: Part): Promise<Copies | undefined> {
    if (this.#options.index.options === undefined) return undefined
    return this.#copies.find(entries.map(({ id }) => id))
  }

  #reportFormer({ batch }: Part, { formerFailure }: Operations): void {
    if (formerFailure === undefined) return
    this.#options.logger.warn(
      'options() of the index definition failed for the former place of a record: a routing copy may be left',
      {
        index: this.#options.index.name,
        partition: batch.context.partition,
        ...errorFields(formerFailure),
      },
    )
  }

  async #read({ batch, entries }: Part): Promise<Read<Record>> {
    const startedAt = performance.now()
    const ids = entries.map(({ id }) => id)
    const read = await this.#loader.load(ids, batch.context)
    this.#metrics.load(ids.length, performance.now() - startedAt)
    return read
  }

  #giveUp({ batch, attempt }: Round, { unreadable, failed }: Prepared): void {
    const { index, logger } = this.#options
    for (const entry of unreadable)
      batch.givenUp.push(giveUp(entry, { code: 'KT_LOAD_FAILED', attempts: attempt }))
    for (const { entry, error } of failed) {
      batch.givenUp.push(giveUp(entry, { code: 'KT_DOCUMENT_FAILED', attempts: attempt }))
      logger.warn('The index definition failed for a record', {
        index: index.name,
        id: entry.id,
        ...errorFields(error),
      })
    }
  }

  #conclude({ batch, attempt }: Round, { isRouted }: Prepared, outcomes: Outcomes): void {
    const { indexed, deleted, newer, rejected } = outcomes
    for (const { entry, reason } of rejected) {
      const { status, type } = reason
      batch.givenUp.push(giveUp(entry, { code: 'KT_DOCUMENT_REJECTED', attempts: attempt, status, type }))
    }
    // Only indexed changes are remembered. Deletes are repeated when the delay message comes due: the search engine
    // soon forgets their version, and a late write of a stalled worker could bring the document back. Records with a
    // routing are indexed again as well, to delete their routing copies.
    const now = Date.now()
    for (const { id, messages } of indexed) {
      if (!isRouted) this.#changes.remember(id, messages)
      // In the same loop, so that the headers, which both read, are decoded only once.
      this.#metrics.latency(messages, now)
    }
    for (const entries of [deleted, newer])
      for (const { messages } of entries) this.#metrics.latency(messages, now)
    this.#metrics.records('indexed', indexed.length)
    this.#metrics.records('deleted', deleted.length)
    this.#metrics.records('newer', newer.length)
  }

  #reportRetry({ attempt, batch }: Round, { retry, reason }: Outcomes, error: unknown): void {
    const { status, type } = reason
    const level = needsAttention(reason) ? 'error' : 'warn'
    this.#metrics.retries(retry.length, status)
    this.#options.logger[level]('The search engine did not accept all documents: the others are retried', {
      index: this.#options.index.name,
      partition: batch.context.partition,
      records: retry.length,
      attempt,
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
      ...(status === 401 && { advice: 'check the credentials of the client' }),
      // A response may quote documents, so it is not logged. Without one this is the client's own error, such as
      // ECONNREFUSED.
      ...(status === undefined && error !== undefined && errorFields(error)),
    })
  }
}

/** What the byte limiter learns from a write. Undefined if it failed for another reason than overload. */
function feedbackOf(
  { retry }: Outcomes,
  classifications: readonly Classification[],
): 'accepted' | 'overloaded' | undefined {
  if (retry.length === 0) return 'accepted'
  return classifications.some(isOverload) ? 'overloaded' : undefined
}
