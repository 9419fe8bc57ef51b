import type { Classification, Resolution } from './classify.ts'

/** After this many tries, a document on which the search engine fails (status 500) counts as the cause. */
const uncertainAttempts = 6

/**
 * Decides which operations are given up and which are retried. An operation is given up only when the search engine
 * accepted another one of the same write, or accepted a harmless one before. Otherwise no document is at fault: an
 * alias without a write index, for example, rejects every write.
 *
 * @param takesWrites whether the search engine has accepted a write before
 * @returns `unproven` when some operations would be given up if `takesWrites` were true; they are retried
 */
export function resolve(
  classifications: readonly Classification[],
  attempt: number,
  takesWrites: boolean,
): { readonly resolutions: readonly Resolution[]; readonly unproven: boolean } {
  const isFault = ({ kind }: Classification): boolean =>
    kind === 'rejected' || (kind === 'uncertain' && attempt >= uncertainAttempts)
  const proven = takesWrites || classifications.some(({ kind }) => kind === 'done' || kind === 'newer')
  return {
    unproven: !proven && classifications.some(isFault),
    resolutions: classifications.map((each) => {
      if (each.kind === 'done' || each.kind === 'newer') return each
      return { ...each, kind: proven && isFault(each) ? 'rejected' : 'retry' }
    }),
  }
}
