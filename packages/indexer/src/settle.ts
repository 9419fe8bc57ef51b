import type { Verdict } from './verdict.ts'

/** What to do about one operation. */
export type Settled = Exclude<Verdict, { readonly kind: 'doubtful' }>

/** After so many tries a document on which the search engine fails (status 500) is held to be the cause. */
const doubtfulAttempts = 6

/**
 * Decides who is to blame. An operation is given up only when the search engine took another one of the same write,
 * or takes a harmless one: an alias without a write index, say, refuses everything, and no document is at fault.
 *
 * @param takesWrites asked only when the verdicts don't tell.
 */
export async function settle(
  verdicts: readonly Verdict[],
  attempt: number,
  takesWrites: () => Promise<boolean>,
): Promise<readonly Settled[]> {
  const blamed = (verdict: Verdict): boolean =>
    verdict.kind === 'rejected' || (verdict.kind === 'doubtful' && attempt >= doubtfulAttempts)
  const guilty =
    verdicts.some(blamed) &&
    (verdicts.some(({ kind }) => kind === 'done' || kind === 'newer') || (await takesWrites()))
  return verdicts.map((verdict) => {
    if (verdict.kind !== 'rejected' && verdict.kind !== 'doubtful') return verdict
    return { ...verdict, kind: guilty && blamed(verdict) ? 'rejected' : 'retry' }
  })
}
