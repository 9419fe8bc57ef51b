import { ticketLeap } from '@kt/core'
import type { Logger, ReadTickets } from '@kt/core'
import type { Verdict } from './verdict.ts'

export interface TicketGuardOptions {
  readonly versions: ReadTickets | undefined
  readonly index: string
  readonly logger: Logger
}

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
   * @throws KtError what `versions` throws
   */
  async check(verdicts: readonly Verdict[], readTicket = 0): Promise<readonly Verdict[]> {
    const { versions, index, logger } = this.#options
    const highest = verdicts.reduce((max, each) => Math.max(max, versionOf(each)), 0)
    if (versions === undefined || highest === 0) return verdicts
    // Whoever wrote a version took its ticket before this one.
    const ticket = await versions.next()
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
    await versions.raise(highest)
    return retryAbove(verdicts, readTicket)
  }
}

/** What lost to its own ticket was written by an earlier try of the same read. */
function retryAbove(verdicts: readonly Verdict[], ticket: number): readonly Verdict[] {
  return verdicts.map((each) => (versionOf(each) > ticket ? { kind: 'retry' } : each))
}

function versionOf(verdict: Verdict): number {
  return verdict.kind === 'newer' ? (verdict.version ?? 0) : 0
}
