import { sleep } from '@kt/core/internal'
import type { Comparer, Comparison, Sighting } from './differences.ts'
import type { SearchRequests } from './search-client.ts'

export interface SuspectsOptions<Record> {
  readonly comparer: Comparer<Record>
  readonly requests: SearchRequests
  readonly whenCaughtUp: (() => Promise<void>) | undefined
  readonly settleMs: number
  readonly signal: AbortSignal
}

/** What became of suspects. */
export interface Verdicts {
  readonly differences: readonly Sighting[]
  readonly unbuildable: readonly string[]
  /** Records that change so often that they were never seen twice in the same state. */
  readonly unsettled: readonly string[]
}

interface Suspect {
  /** The state in which the record was seen last. */
  fingerprint: string | undefined
  /** The documents that were found at the first look. */
  found: string | undefined
  /** The document that the last look didn't find. */
  absent: Sighting['absent']
  looks: number
}

/** So many records may wait for another look. */
const mostSuspects = 10_000
/** So many are looked at with one request. */
const lookSize = 500
const mostLooks = 30
/** So many judged ids are remembered, so that the scan doesn't report them twice. */
const mostJudged = 10_000
const mostCopies = 4
/** So often absent documents are looked for between two looks. */
const samples = 10

/**
 * Records whose documents seemed to be wrong. They are looked at again until the document is right, or wrong in the same
 * way twice. In between, all changes that were under way have reached the index.
 */
export class Suspects<Record> {
  readonly #options: SuspectsOptions<Record>
  readonly #suspects = new Map<string, Suspect>()
  readonly #judged = new Set<string>()
  readonly #unreported = new Set<string>()

  constructor(options: SuspectsOptions<Record>) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#suspects.size === 0
  }

  /** All that are not judged, and those that were judged and not reported yet. */
  get ids(): Iterable<string> {
    return [...this.#suspects.keys(), ...this.#unreported]
  }

  /** Notes that the verdicts of the last look were reported. */
  reported(): void {
    this.#unreported.clear()
  }

  /** Whether there are so many that no more should be added for now. */
  get isFull(): boolean {
    return this.#suspects.size >= mostSuspects
  }

  add(ids: readonly string[]): void {
    for (const id of ids)
      if (!this.#suspects.has(id) && !this.#judged.has(id))
        this.#suspects.set(id, { fingerprint: undefined, found: undefined, absent: undefined, looks: 0 })
  }

  /** Waits for what is under way, and looks at all suspects again. */
  async look(): Promise<Verdicts> {
    const { whenCaughtUp, requests, signal } = this.#options
    const ids = [...this.#suspects.keys()]
    if (ids.length === 0) return { differences: [], unbuildable: [], unsettled: [] }
    await this.#settle()
    await whenCaughtUp?.()
    await requests.refresh()
    const differences: Sighting[] = []
    const unbuildable: string[] = []
    const unsettled: string[] = []
    for (let from = 0; from < ids.length && !signal.aborted; from += lookSize) {
      const part = ids.slice(from, from + lookSize)
      const seen = await this.#compare(part)
      unbuildable.push(...seen.unbuildable)
      for (const id of seen.unbuildable) this.#conclude(id)
      const open = new Map(seen.sightings.map((each) => [each.id, each]))
      for (const id of part) {
        const verdict = this.#judge(id, open.get(id))
        if (verdict === 'different') differences.push(...(open.has(id) ? [open.get(id) as Sighting] : []))
        if (verdict === 'unsettled') unsettled.push(id)
      }
    }
    return { differences, unbuildable, unsettled }
  }

  /**
   * Lets what is under way arrive. A document that isn't there has no version that would tell that it comes and goes with
   * its record, so this looks for it meanwhile.
   */
  async #settle(): Promise<void> {
    const { settleMs, signal, requests } = this.#options
    for (let sample = 0; sample < samples && !signal.aborted; sample++) {
      await sleep(settleMs / samples, signal)
      const absent = [...this.#suspects.values()].flatMap((each) => each.absent ?? [])
      for (let from = 0; from < absent.length && !signal.aborted; from += lookSize)
        for (const id of await requests.existing(absent.slice(from, from + lookSize))) this.#hasAppeared(id)
    }
  }

  #hasAppeared(id: string): void {
    const suspect = this.#suspects.get(id)
    if (suspect === undefined) return
    suspect.fingerprint = undefined
    suspect.found = 'comes and goes'
    suspect.absent = undefined
  }

  /** Returns which of these records are not right now. */
  async wrong(ids: readonly string[]): Promise<readonly string[]> {
    await this.#options.requests.refresh()
    const wrong: string[] = []
    for (let from = 0; from < ids.length; from += lookSize) {
      const { sightings, unbuildable } = await this.#compare(ids.slice(from, from + lookSize))
      wrong.push(...sightings.map(({ id }) => id), ...unbuildable)
    }
    return wrong
  }

  /** Compares records with the documents that searches see now. */
  async #compare(ids: readonly string[]): Promise<Comparison> {
    const { comparer, requests, signal } = this.#options
    const records = await comparer.load(ids, signal)
    const hits = await requests.find(ids, ids.length * mostCopies)
    return comparer.compare(ids, records, hits)
  }

  #judge(id: string, sighting: Sighting | undefined): 'right' | 'open' | 'different' | 'unsettled' {
    const suspect = this.#suspects.get(id)
    if (suspect === undefined || sighting === undefined) {
      this.#suspects.delete(id)
      return 'right'
    }
    const isSame = suspect.fingerprint === sighting.fingerprint
    suspect.fingerprint = sighting.fingerprint
    suspect.found ??= sighting.found
    suspect.absent = sighting.absent
    suspect.looks++
    if (!isSame && suspect.looks < mostLooks) return 'open'
    this.#conclude(id)
    // A document that is never written again is wrong, even if its record makes another one each time.
    return isSame || suspect.found === sighting.found ? 'different' : 'unsettled'
  }

  #conclude(id: string): void {
    this.#suspects.delete(id)
    this.#unreported.add(id)
    this.#judged.add(id)
    const [oldest] = this.#judged
    if (this.#judged.size > mostJudged && oldest !== undefined) this.#judged.delete(oldest)
  }
}
