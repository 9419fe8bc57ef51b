import { errorFields, KtError } from '@kt/core'
import { optionChecker, sleep } from '@kt/core/internal'
import type { Pace } from '@kt/core/internal'
import type { RecordId } from '@kt/core'
import { Checkpoint } from './checkpoint.ts'
import type { VerifyPosition } from './checkpoint.ts'
import { Comparer } from './differences.ts'
import type { Sighting } from './differences.ts'
import { Healer } from './healer.ts'
import type { ResolvedVerifierOptions } from './options.ts'
import { PageSize } from './page-size.ts'
import { ReportBuilder } from './report.ts'
import type { Difference, VerifyProgress, VerifyReport } from './report.ts'
import { SearchRequests } from './search-client.ts'
import type { Hit, Shard } from './search-client.ts'
import { Suspects } from './suspects.ts'

export interface VerificationOptions<Record> extends ResolvedVerifierOptions<Record> {
  readonly onProgress: ((progress: VerifyProgress) => void) | undefined
  readonly onDifference: ((difference: Difference) => void) | undefined
  readonly signal: AbortSignal
  readonly pace: Pace
}

const check = optionChecker('verify')

/** How long a scan pauses while too many suspects wait. */
const fullPauseMs = 100
const behindPauseMs = 1_000

/** One comparison of an index with its database, in both directions. */
export class Verification<Record> {
  readonly #options: VerificationOptions<Record>
  /** Fires when the caller aborts. The signal in the options also fires when a part has failed. */
  readonly #aborted: AbortSignal
  readonly #requests: SearchRequests
  readonly #comparer: Comparer<Record>
  readonly #suspects: Suspects<Record>
  readonly #healer: Healer<Record> | undefined
  readonly #report = new ReportBuilder()
  readonly #pageSize: PageSize
  readonly #stopped = new AbortController()
  readonly #checkpoint: Checkpoint
  #indexes: readonly string[] = []
  #total = 0

  constructor(options: VerificationOptions<Record>) {
    const { index, client, isSame, whenCaughtUp, settleMs, heal } = options
    this.#aborted = options.signal
    const signal = AbortSignal.any([options.signal, this.#stopped.signal])
    const caughtUp = whenCaughtUp && (() => this.#whenCaughtUp(() => whenCaughtUp({ signal })))
    this.#options = { ...options, signal }
    this.#requests = new SearchRequests(client, index.name, index.contentHash, signal)
    this.#comparer = new Comparer(index, isSame)
    this.#suspects = new Suspects({
      comparer: this.#comparer,
      requests: this.#requests,
      whenCaughtUp: caughtUp,
      settleMs,
      signal,
    })
    this.#checkpoint = new Checkpoint(() => this.#suspects.ids)
    this.#healer = heal && new Healer({ ...heal, suspects: this.#suspects, whenCaughtUp: caughtUp, signal })
    this.#pageSize = new PageSize(options.pageSize)
  }

  /**
   * Compares everything.
   *
   * @param from where an earlier verification was
   */
  async all(from?: VerifyPosition): Promise<VerifyReport> {
    await this.#requests.refresh()
    this.#indexes = await this.#requests.uuids()
    if (from !== undefined && from.indexes.join() !== this.#indexes.join())
      check.fail('from', 'left out: it is a position in another index')
    this.#total = await this.#requests.count()
    return this.#alongside(async () => {
      if (from?.phase !== 'records') await this.#compareDocuments(from)
      await this.#lookUpRecords(from?.phase === 'records' ? from.after : undefined)
    })
  }

  /** Compares these records alone. */
  async some(ids: readonly string[]): Promise<VerifyReport> {
    this.#suspects.add(ids)
    this.#report.done.records += ids.length
    return this.#alongside(() => Promise.resolve())
  }

  /** Scans, and judges the suspects meanwhile and until none is left. */
  async #alongside(scan: () => Promise<void>): Promise<VerifyReport> {
    let isScanned = false
    const scanning = scan().finally(() => (isScanned = true))
    const judging = this.#judgeUntil(() => isScanned)
    try {
      await Promise.all([scanning, judging])
    } catch (error) {
      if (!this.#aborted.aborted) throw error
    } finally {
      this.#stopped.abort()
      await Promise.allSettled([scanning, judging])
    }
    if (this.#aborted.aborted) throw aborted()
    return this.#report.build(this.#options.index.name)
  }

  /** Compares each document with its record. Finds what is stale, orphaned or a duplicate. */
  async #compareDocuments({
    shard: first = 0,
    after: begin = -1,
  }: Partial<VerifyPosition> = {}): Promise<void> {
    const shards = await this.#requests.shards()
    for (const [number, shard] of shards.entries()) {
      if (number < first) continue
      const note = (after: number): void => this.#checkpointAt({ phase: 'documents', shard: number, after })
      const end = await this.#compareShard(shard, number === first ? Number(begin) : -1, note)
      // What was written meanwhile has moved to the end. It is enough to compare that once.
      await this.#compareShard(shard, end, note)
    }
  }

  /** @returns the sequence number that was the last one at the beginning, up to which everything was compared */
  async #compareShard(shard: Shard, from: number, note: (after: number) => void): Promise<number> {
    const end = await this.#requests.lastSequence(shard)
    for (let after = from; after < end;) {
      const size = await this.#nextSize()
      const startedAtMs = performance.now()
      const hits = await this.#requests.page(shard, after, size)
      const last = hits.at(-1)
      if (last === undefined) break
      await this.#compare(hits)
      after = last.sort[0]
      note(after)
      this.#note('documents', hits.length, startedAtMs)
    }
    return end
  }

  async #compare(hits: readonly Hit[]): Promise<void> {
    const ids = [...new Set(hits.map(({ _id }) => _id))]
    const records = await this.#comparer.load(ids, this.#options.signal)
    const { sightings, unbuildable } = await this.#comparer.compare(ids, records, hits)
    this.#suspects.add([...sightings.map(({ id }) => id), ...unbuildable])
  }

  /** Looks up each record in the index. Finds what is missing. */
  async #lookUpRecords(begin?: RecordId): Promise<void> {
    const { index, pageSize } = this.#options
    const after = index.canContinue === true ? begin : undefined
    for await (const page of index.ids({ pageSize, ...(after !== undefined && { after }) })) {
      // A record whose key can't be an id has an empty one.
      const ids = page.map(String).filter((id) => id !== '')
      for (let from = 0; from < ids.length;) {
        const size = await this.#nextSize()
        const startedAtMs = performance.now()
        const part = ids.slice(from, from + size)
        this.#suspects.add(await this.#absent(part))
        this.#note('records', part.length, startedAtMs)
        from += size
      }
      const last = page.at(-1)
      if (index.canContinue === true && last !== undefined)
        this.#checkpointAt({ phase: 'records', after: typeof last === 'bigint' ? String(last) : last })
    }
  }

  /** Returns which of these ids belong in the index and are not in it. */
  async #absent(ids: readonly string[]): Promise<readonly string[]> {
    const { signal } = this.#options
    if (this.#comparer.isRouted) {
      const records = await this.#comparer.load(ids, signal)
      const documents = Array.from(records, ([_id, record]) => ({ _id, ...this.#routing(record) }))
      if (documents.length === 0) return []
      const found = await this.#requests.existing(documents)
      return documents.flatMap(({ _id }) => (found.has(_id) ? [] : [_id]))
    }
    const found = await this.#requests.existing(ids.map((_id) => ({ _id })))
    const absent = ids.filter((id) => !found.has(id))
    // Most of them may not belong in the index.
    return absent.length === 0 ? [] : [...(await this.#comparer.load(absent, signal)).keys()]
  }

  #routing(record: Record): { readonly routing?: string } {
    const routing = this.#comparer.routingOf(record)
    return routing === undefined ? {} : { routing }
  }

  /** Waits until the next page may be read. */
  async #nextSize(): Promise<number> {
    const { signal, pace } = this.#options
    await pace.whenFree(signal)
    while (this.#suspects.isFull && !signal.aborted) await sleep(fullPauseMs, signal)
    if (signal.aborted) throw aborted()
    return this.#pageSize.value
  }

  #note(phase: VerifyProgress['phase'], count: number, startedAtMs: number): void {
    const { pace, onProgress, meter, index } = this.#options
    pace.note(count)
    this.#pageSize.note(performance.now() - startedAtMs)
    this.#report.done[phase] += count
    meter.add('kt_verifier_compared_total', count, { index: index.name, phase })
    const done = this.#report.done[phase]
    const { position } = this.#checkpoint
    onProgress?.({
      phase,
      done,
      total: Math.max(done, this.#total),
      differences: this.#report.differences,
      ...(position && { position }),
    })
  }

  async #judgeUntil(isScanned: () => boolean): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted && !(isScanned() && this.#suspects.isEmpty)) {
      if (this.#suspects.isEmpty) await sleep(fullPauseMs, signal)
      const { differences, unbuildable, unsettled } = await this.#suspects.look()
      this.#report.unbuildable += unbuildable.length
      this.#report.unsettled += unsettled.length
      await this.#conclude(differences)
      this.#suspects.reported()
      this.#checkpoint.judged()
    }
  }

  #checkpointAt(position: Omit<VerifyPosition, 'indexes'>): void {
    this.#checkpoint.scanned({ indexes: this.#indexes, ...position })
  }

  /** A verification may take days, and the Indexer may be behind for a while. */
  async #whenCaughtUp(wait: () => Promise<void>): Promise<void> {
    const { signal, logger, index } = this.#options
    for (;;)
      try {
        return await wait()
      } catch (error) {
        if (!KtError.isInstance(error) || !error.retryable || signal.aborted) throw error
        logger.warn('Differences cannot be judged while the Indexer is behind', {
          index: index.name,
          ...errorFields(error),
        })
        await sleep(behindPauseMs, signal)
      }
  }

  async #conclude(sightings: readonly Sighting[]): Promise<void> {
    if (sightings.length === 0) return
    const wrong = this.#healer && (await this.#healer.heal(sightings.map(({ id }) => id)))
    const { index, meter, onDifference } = this.#options
    for (const { id, kind } of sightings) {
      const difference: Difference = { id, kind, ...(wrong && { healed: !wrong.has(id) }) }
      this.#report.add(difference)
      meter.add('kt_verifier_differences_total', 1, { index: index.name, kind })
      onDifference?.(difference)
    }
  }
}

function aborted(): KtError {
  return new KtError('KT_ABORTED', 'The verification was aborted', { retryable: false })
}
