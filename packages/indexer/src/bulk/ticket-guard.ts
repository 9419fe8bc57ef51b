import { ticketLeap, within } from '@kt/core/internal'
import type { Logger, ReadTickets } from '@kt/core'
import { loadTimedOut } from '../read/record-loader.ts'
import type { Classification } from './classify.ts'

export interface TicketGuardOptions {
  readonly versions: ReadTickets | undefined
  readonly index: string
  readonly loadTimeoutMs: number
  readonly logger: Logger
}

/** The counter can't be raised above this: its tickets would no longer be exact numbers. */
const highestVersion = Number.MAX_SAFE_INTEGER - 2 * ticketLeap

/**
 * Detects that read tickets went back, for example by a restore of the database or a failover to a lagging replica. The
 * index then has versions above all tickets, and every write would lose to them silently, as to a newer version.
 */
export class TicketGuard {
  readonly #options: TicketGuardOptions

  constructor(options: TicketGuardOptions) {
    this.#options = options
  }

  /**
   * @param readTicket the ticket of the read that was written
   * @returns the classifications. Writes that lost to an impossible version become retries, with a ticket above it.
   * @throws KtError the errors of `versions`, and `KT_LOAD_FAILED` when it takes longer than `loadTimeoutMs`
   */
  async check(
    classifications: readonly Classification[],
    readTicket = 0,
  ): Promise<readonly Classification[]> {
    const { versions, index, logger } = this.#options
    if (versions === undefined) return classifications
    const found = classifications.map(versionOf)
    const highest = Math.max(0, ...found.filter((version) => version <= highestVersion))
    if (found.some((version) => version > highestVersion)) this.#reportForeign(found)
    if (highest === 0) return classifications
    // A version that was written with a ticket is below this one.
    const ticket = await this.#withTimeout('The read ticket', versions.next())
    if (highest < ticket) {
      // Another Indexer may have raised the counter since the read, and the write lost to a version from before that.
      return ticket - readTicket < ticketLeap ? classifications : retryAbove(classifications, readTicket)
    }
    logger.error('The index holds a version above any read ticket: the counter of tickets went back', {
      index,
      version: highest,
      ticket,
      advice:
        versions.raise === undefined
          ? 'raise the counter above this version; until then, writes to this document have no effect'
          : 'the counter was raised; compare the index with the database, which may have been restored',
    })
    if (versions.raise === undefined) return classifications
    await this.#withTimeout('Raising the read tickets', versions.raise(highest))
    return retryAbove(classifications, readTicket)
  }

  #withTimeout<T>(what: string, answer: Promise<T>): Promise<T> {
    const { loadTimeoutMs } = this.#options
    return within(loadTimeoutMs, answer, loadTimedOut(what, loadTimeoutMs))
  }

  #reportForeign(found: readonly number[]): void {
    const { index, logger } = this.#options
    logger.error('Documents have versions above any possible read ticket: they cannot be updated', {
      index,
      documents: found.filter((version) => version > highestVersion).length,
      advice: 'another program wrote them with its own versions; delete them, then index their records again',
    })
  }
}

/** Ignores writes that lost to their own ticket: an earlier try of the same read has written them. */
function retryAbove(classifications: readonly Classification[], ticket: number): readonly Classification[] {
  const isAbove = (version: number): boolean => version > ticket && version <= highestVersion
  return classifications.map((each) => (isAbove(versionOf(each)) ? { kind: 'retry' } : each))
}

function versionOf(result: Classification): number {
  return result.kind === 'newer' ? (result.version ?? 0) : 0
}
