import { backoff, errorFields, KtError, sleep } from '@kt/core'
import type { Backoff, BatchContext, Hold, Message } from '@kt/core'
import { throwIfAborted } from './abort.ts'
import { BulkWriter } from './bulk/bulk-writer.ts'
import { ChangeMemory } from './change-memory.ts'
import { CopyFinder } from './document/copy-finder.ts'
import type { Copies } from './document/copy-finder.ts'
import { DeadLetters, giveUp, unparseable } from './dead-letters/dead-letters.ts'
import type { GivenUp } from './dead-letters/dead-letters.ts'
import { parseBatch } from './entry.ts'
import type { Entry } from './entry.ts'
import { IndexerMetrics } from './metrics.ts'
import { buildOperations } from './document/operation.ts'
import type { Operations } from './document/operation.ts'
import { IndexGuard } from './bulk/index-guard.ts'
import type { Target } from './bulk/index-guard.ts'
import { InFlight } from './read/in-flight.ts'
import type { Room } from './read/in-flight.ts'
import type { ResolvedOptions } from './options.ts'
import { PartSize } from './read/part-size.ts'
import { RecordLoader } from './read/record-loader.ts'
import type { Read } from './read/record-loader.ts'
import { inParts, readAhead } from './read/read-ahead.ts'
import { Refusals } from './bulk/refusals.ts'
import { settle } from './bulk/settle.ts'
import { tally } from './bulk/tally.ts'
import type { Tally } from './bulk/tally.ts'
import { TicketGuard } from './bulk/ticket-guard.ts'
import { isPushback, needsAttention } from './bulk/verdict.ts'
import type { Finding } from './bulk/verdict.ts'

/** So often a batch that can't be loaded is tried as it is, before it is asked for again with what came after it. */
const loadAttempts = 3

/** A number of retries at which any backoff has reached its longest wait. */
const longestWait = 64

/** From this try on it is found out who is refused (429) though the search engine takes others: overload may pass. */
const isolateFrom = 5

/** What is known of the batch in hand. */
interface Batch {
  readonly context: BatchContext
  readonly givenUp: GivenUp[]
  /** Whether the search engine was seen to take writes. */
  takesWrites: boolean
}

/** What is read at once. */
interface Part {
  readonly batch: Batch
  readonly entries: readonly Entry[]
}

/** One try of a part. */
interface Round extends Part {
  readonly attempt: number
  readonly refusals: Refusals
}

/** A round, ready to be written. What was read is not kept: the garbage collector would copy it while it waits. */
interface Prepared extends Operations {
  readonly readAtMs: number
  readonly ticket: number | undefined
  readonly room: Room
  readonly target: Target
  readonly unreadable: readonly Entry[]
}

/** Brings the index up to date for one batch of messages. */
export class BatchProcessor<Record> {
  readonly #options: ResolvedOptions<Record>
  readonly #backoff: Backoff
  readonly #changes: ChangeMemory
  readonly #metrics: IndexerMetrics
  readonly #partSize: PartSize
  readonly #inFlight: InFlight
  readonly #loader: RecordLoader<Record>
  readonly #writer: BulkWriter
  readonly #deadLetters: DeadLetters
  readonly #guard: IndexGuard
  readonly #copies: CopyFinder
  readonly #ticketGuard: TicketGuard
  #areDeadLettersTaken = true

  constructor(options: ResolvedOptions<Record>) {
    const { client, maxBulkBytes, requestTimeoutMs } = options
    const index = options.index.name
    this.#options = options
    this.#backoff = backoff(options.retry)
    this.#changes = new ChangeMemory(options.rememberedChanges)
    this.#metrics = new IndexerMetrics(options.meter, { index, topic: options.topic, name: options.name })
    this.#partSize = new PartSize(options)
    this.#inFlight = new InFlight(options.maxInFlightBytes)
    this.#loader = new RecordLoader(options.index, options.versions, options.loadTimeoutMs)
    this.#writer = new BulkWriter({ client, index, maxBulkBytes, requestTimeoutMs, metrics: this.#metrics })
    const { versions, loadTimeoutMs, logger } = options
    this.#copies = new CopyFinder({ client, index, requestTimeoutMs, logger })
    this.#guard = new IndexGuard({ client, index, requestTimeoutMs, logger })
    this.#ticketGuard = new TicketGuard({ versions, index, loadTimeoutMs, logger })
    this.#deadLetters = new DeadLetters(options.deadLetters, options.logger)
  }

  /** Whether nothing that somebody has to mend stops it: the index is there, and Kafka takes the dead letters. */
  get isReady(): boolean {
    return this.#areDeadLettersTaken && !this.#guard.isMissing
  }

  /**
   * Resolves when every message is indexed or given up. What may yet succeed is tried again for as long as it takes,
   * each time with a fresh read.
   *
   * @returns the wish for the batch to come again, with what has arrived since, when it can't be loaded; and for the
   *   rest of it, when its first messages name enough records
   * @throws KtError `KT_LOAD_FAILED`, `KT_ABORTED`, and what the dead letters' producer throws: the batch is to be
   *   delivered again.
   */
  async process(messages: readonly Message[], context: BatchContext): Promise<Hold | void> {
    try {
      return await this.#process(messages, context)
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

  async #process(messages: readonly Message[], context: BatchContext): Promise<Hold | undefined> {
    const isIndexed = (changeId: string, id: string): boolean => this.#changes.has(changeId, id)
    const parsed = parseBatch(messages, isIndexed, this.#options.batchSize)
    this.#metrics.records('skipped', parsed.skipped)
    const batch: Batch = { context, givenUp: parsed.unparseable.map(unparseable), takesWrites: false }
    await readAhead(
      inParts(parsed.entries, () => this.#partSize.records),
      {
        read: (entries) => this.#prepare({ batch, entries }),
        work: (entries, prepared, expire) => this.#index({ batch, entries }, prepared, expire),
        drop: ({ room }) => room.leave(),
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
      if (givenUp.length > 0) this.#areDeadLettersTaken = true
    } catch (error) {
      this.#areDeadLettersTaken = false
      this.#metrics.deadLettersFailed()
      this.#options.logger.error('The dead letters cannot be sent: their batch is tried again', {
        topic: context.topic,
        partition: context.partition,
        records: givenUp.length,
        ...errorFields(error),
      })
      throw error
    }
  }

  /** @param expire is called before a wait: meanwhile nobody else needs to wait for the room of what is read ahead */
  async #index(part: Part, prepared: Prepared, expire: () => void): Promise<void> {
    const { signal } = part.batch.context
    const refusals = new Refusals()
    let entries = await this.#write({ ...part, attempt: 1, refusals }, prepared)
    for (let attempt = 2; entries.length > 0; attempt++) {
      expire()
      await sleep(this.#backoff(attempt - 1), signal)
      throwIfAborted(signal)
      const round = { ...part, entries, attempt, refusals }
      entries = await this.#write(round, await this.#prepare(round))
    }
  }

  /** @returns the entries that are to be tried again. */
  async #write(round: Round, found: Prepared): Promise<readonly Entry[]> {
    const { batch, attempt, refusals } = round
    const { signal } = batch.context
    const prepared = this.#isOld(round, found) ? await this.#readAgain(round, found) : found
    const { lines, room } = prepared
    try {
      // Not as soon as it was read: what is read ahead may be read again.
      this.#giveUp(round, prepared)
      // What was read may be old by now if the partition has gone to another worker.
      throwIfAborted(signal)
      const isolate = attempt >= isolateFrom
      const { findings, error } = await this.#writer.write(lines, prepared.target, { signal, isolate })
      if (findings.some(({ kind }) => kind === 'refused')) batch.takesWrites = true
      const decided = refusals.decide(lines.entries, findings)
      const verdicts = prepared.ownVersions
        ? decided
        : await this.#ticketGuard.check(decided, prepared.ticket)
      const { settled, unproven } = settle(verdicts, attempt, batch.takesWrites)
      if (unproven) batch.takesWrites = await this.#writer.takesWrites(signal)
      const outcome = tally(lines, settled)
      this.#conclude(round, prepared, outcome)
      if (outcome.again.length > 0) this.#reportRetry(round, outcome, error)
      room.leave(pushback(outcome, findings))
      return outcome.again
    } finally {
      room.leave()
    }
  }

  /** Whether this process may have stood still since the read: others may have written later ones, or deleted. */
  #isOld({ batch, entries }: Round, { readAtMs }: Prepared): boolean {
    const ageMs = Math.round(performance.now() - readAtMs)
    if (ageMs <= this.#options.maxReadAgeMs) return false
    this.#options.logger.warn('What was read is too old to be written, and is read again', {
      index: this.#options.index.name,
      partition: batch.context.partition,
      records: entries.length,
      ageMs,
    })
    return true
  }

  #readAgain(round: Round, { room }: Prepared): Promise<Prepared> {
    room.leave()
    this.#metrics.retries(round.entries.length)
    return this.#prepare(round)
  }

  /** Reads, once there is room for it; whoever gets it gives the room back. */
  async #prepare(part: Part): Promise<Prepared> {
    const { entries, batch } = part
    const room = await this.#inFlight.enter(this.#partSize.bytesOf(entries.length), batch.context.signal)
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
      return { ...operations, readAtMs, ticket: read.ticket, room, target, unreadable }
    } catch (error) {
      room.leave()
      throw error
    }
  }

  /** Without `options` no document has a routing. */
  async #findCopies({ entries }: Part): Promise<Copies | undefined> {
    if (this.#options.index.options === undefined) return undefined
    return this.#copies.find(entries.map(({ id }) => id))
  }

  #reportFormer({ batch }: Part, { formerFailure }: Operations): void {
    if (formerFailure === undefined) return
    this.#options.logger.warn(
      'The index definition gave no routing for the place that a record has left: a copy may stay there',
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
      logger.warn('The index definition failed on a record', {
        index: index.name,
        id: entry.id,
        ...errorFields(error),
      })
    }
  }

  #conclude({ batch, attempt }: Round, { isRouted }: Prepared, outcome: Tally): void {
    const { indexed, deleted, newer, rejected } = outcome
    for (const { entry, reason } of rejected) {
      const { status, type } = reason
      batch.givenUp.push(giveUp(entry, { code: 'KT_DOCUMENT_REJECTED', attempts: attempt, status, type }))
    }
    // Of the others none is remembered. A delete is rather done twice: the search engine soon forgets its version, and
    // then a late write of a stalled worker brings the document back, until the delay message comes due. So is what has
    // a routing, for its old copies.
    const now = Date.now()
    for (const { id, messages } of indexed) {
      if (!isRouted) this.#changes.remember(id, messages)
      // In the same breath: the headers, which both look at, are not decoded twice then.
      this.#metrics.latency(messages, now)
    }
    for (const entries of [deleted, newer])
      for (const { messages } of entries) this.#metrics.latency(messages, now)
    this.#metrics.records('indexed', indexed.length)
    this.#metrics.records('deleted', deleted.length)
    this.#metrics.records('newer', newer.length)
  }

  #reportRetry({ attempt, batch }: Round, { again, reason }: Tally, error: unknown): void {
    const { status, type } = reason
    const level = needsAttention(reason) ? 'error' : 'warn'
    this.#metrics.retries(again.length, status)
    this.#options.logger[level]('The search engine did not take all documents: they are tried again', {
      index: this.#options.index.name,
      partition: batch.context.partition,
      records: again.length,
      attempt,
      ...(status !== undefined && { status }),
      ...(type !== undefined && { type }),
      ...(status === 401 && { advice: 'check the credentials of the client' }),
      // An answer may quote the documents; without one it is the client's own error, such as a refused connection.
      ...(status === undefined && error !== undefined && errorFields(error)),
    })
  }
}

/** What the search engine said about how much it is sent; nothing if something else was wrong. */
function pushback({ again }: Tally, findings: readonly Finding[]): 'taken' | 'pushedBack' | undefined {
  if (again.length === 0) return 'taken'
  return findings.some(isPushback) ? 'pushedBack' : undefined
}
