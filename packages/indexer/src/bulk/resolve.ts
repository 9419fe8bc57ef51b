import type { Settled, Verdict } from './verdict.ts'

/** After so many tries a document on which the search engine fails (status 500) is held to be the cause. */
const doubtfulAttempts = 6

/**
 * Decides who is to blame. An operation is given up only when the search engine took another one of the same write,
 * or was seen to take a harmless one before it: an alias without a write index, say, refuses everything, and no
 * document is at fault.
 *
 * @param takesWrites whether it was seen
 * @returns `unproven` when some would be given up if it had been seen; they are to be tried again
 */
export function settle(
  verdicts: readonly Verdict[],
  attempt: number,
  takesWrites: boolean,
): { readonly settled: readonly Settled[]; readonly unproven: boolean } {
  const blamed = (verdict: Verdict): boolean =>
    verdict.kind === 'rejected' || (verdict.kind === 'doubtful' && attempt >= doubtfulAttempts)
  const proven = takesWrites || verdicts.some(({ kind }) => kind === 'done' || kind === 'newer')
  return {
    unproven: !proven && verdicts.some(blamed),
    settled: verdicts.map((verdict) => {
      if (verdict.kind !== 'rejected' && verdict.kind !== 'doubtful') return verdict
      return { ...verdict, kind: proven && blamed(verdict) ? 'rejected' : 'retry' }
    }),
  }
}
