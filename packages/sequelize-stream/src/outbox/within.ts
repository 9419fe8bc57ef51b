import { KtError } from '@kt/core'

/**
 * What `working` gives, unless it takes longer: then it goes on unheeded.
 *
 * @throws KtError `KT_PRODUCE_TIMEOUT`, and what `working` rejects with.
 */
export async function within<T>(
  working: Promise<T>,
  ms: number,
  what = 'Kafka did not acknowledge',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new KtError('KT_PRODUCE_TIMEOUT', `${what} within ${ms} ms`, { retryable: true })),
      ms,
    )
  })
  try {
    return await Promise.race([working, timeout])
  } finally {
    clearTimeout(timer)
  }
}
