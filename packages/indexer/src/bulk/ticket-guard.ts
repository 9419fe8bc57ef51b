import { ticketLeap, within } from '@kt/core'
import type { Logger, ReadTickets } from '@kt/core'
import { loadTooLate } from '../read/record-loader.ts'
import type { Verdict } from './verdict.ts'

export interface TicketGuardOptions {
  readonly versions: ReadTickets | undefined
  readonly index: string
  readonly loadTimeoutMs: number
  readonly logger: Logger
}

/** Above this the counter can't be raised: its tickets would be no exact numbers any more. */
const highestVersion = Number.MAX_SAFE_INTEGER - 2 * ticketLeap

/**
 * Notices that read tickets went back, as by a restore of the database or a fail-over to a replica that lags: the index
 * holds versions that no ticket had yet, and every write would lose to them as to a newer one, without a word.
 */
export class TicketGuard {
  readonly #options: TicketGuardOptions

  constructor(options: TicketGuardOptions) {
    this.#options = options
  }

  /**
   * @param readTicket of the read that these verdicts are about
   * @returns the verdicts; those on writes that lost to a version that can't be are to be tried again, with a ticket
   *   above it
   * @throws KtError what `versions` throws, and `KT_LOAD_FAILED` when it takes longer than `loadTimeoutMs`
   */
  async check(verdicts: readonly Verdict[], readTicket = 0): Promise<readonly Verdict[]> {
    const { versions, index, logger } = this.#options
    if (versions === undefined) return verdicts
    const found = verdicts.map(versionOf)
    const highest = Math.max(0, ...found.filter((version) => version <= highestVersion))
    if (found.some((version) => version > highestVersion)) this.#reportForeign(found)
    if (highest === 0) return verdicts
    // Whoever wrote a version took its ticket before this one.
    const ticket = await this.#timely('The read ticket', versions.next())
    if (highest < ticket) {
      // Another Indexer may have raised the counter since the read. Then what it lost to may be from before that.
      return ticket - readTicket < ticketLeap ? verdicts : retryAbove(verdicts, readTicket)
    }
    logger.error('The index holds a version above any read ticket: the counter of tickets went back', {
      index,
      version: highest,
      ticket,
      advice:
        versions.raise === undefined
          ? 'raise the counter above this version; until then writes lose to it'
          : 'the counter is raised; compare the index with the database, which may have been restored',
    })
    if (versions.raise === undefined) return verdicts
    await this.#timely('Raising the read tickets', versions.raise(highest))
    return retryAbove(verdicts, readTicket)
  }

  #timely<T>(what: string, answer: Promise<T>): Promise<T> {
    const { loadTimeoutMs } = this.#options
    return within(loadTimeoutMs, answer, loadTooLate(what, loadTimeoutMs))
  }

  #reportForeign(found: readonly number[]): void {
    const { index, logger } = this.#options
    logger.error('Documents have versions that no read ticket can reach: they are never written again', {
      index,
      documents: found.filter((version) => version > highestVersion).length,
      advice:
        'something else has written them with versions of its own; delete them, then index their records again',
    })
  }
}

/** What lost to its own ticket was written by an earlier try of the same read. */
function retryAbove(verdicts: readonly Verdict[], ticket: number): readonly Verdict[] {
  const isAbove = (version: number): boolean => version > ticket && version <= highestVersion
  return verdicts.map((each) => (isAbove(versionOf(each)) ? { kind: 'retry' } : each))
}

function versionOf(verdict: Verdict): number {
  return verdict.kind === 'newer' ? (verdict.version ?? 0) : 0
}
