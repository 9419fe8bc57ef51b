/**
 * What `working` gives, unless that takes longer than `limitMs`: then it goes on unheeded. A connection may be lost though
 * nobody was told, and its answer would be waited for without end.
 *
 * @throws what `tooLate` makes, and what `working` rejects with
 */
export async function within<T>(limitMs: number, working: T | Promise<T>, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), limitMs)
  })
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
  }
}
