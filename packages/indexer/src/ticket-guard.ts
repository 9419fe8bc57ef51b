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
   * @returns the verdicts; those on writes that lost to a version that can't be are to be tried again, with a ticket
   *   above it
   * @throws KtError what `versions` throws
   */
  async check(verdicts: readonly Verdict[]): Promise<readonly Verdict[]> {
    const { versions, index, logger } = this.#options
    const highest = verdicts.reduce((max, each) => Math.max(max, versionOf(each)), 0)
    if (versions === undefined || highest === 0) return verdicts
    // Whoever wrote a version took its ticket before this one.
    const ticket = await versions.next()
    if (highest < ticket) return verdicts
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
    return verdicts.map((each) => (versionOf(each) < ticket ? each : { kind: 'retry' }))
  }
}

function versionOf(verdict: Verdict): number {
  return verdict.kind === 'newer' ? (verdict.version ?? 0) : 0
}
