import { KtError } from '@kt/core'

/**
 * The items of an iterable of either kind, until the signal fires: then it throws, also while the next item is awaited.
 *
 * @throws KtError `KT_ABORTED`
 */
export async function* abortable<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let interrupt = (): void => undefined
  const onAbort = (): void => interrupt()
  signal?.addEventListener('abort', onAbort)
  let isOpen = true
  try {
    for (;;) {
      if (signal?.aborted) throw aborted()
      // A race with one promise for the whole signal would hold every item in memory for as long as the signal lives.
      const interrupted = new Promise<'aborted'>((resolve) => (interrupt = () => resolve('aborted')))
      const next: Promise<IteratorResult<T, unknown>> = Promise.resolve(iterator.next())
      const result = await (signal === undefined ? next : Promise.race([next, interrupted]))
      if (result === 'aborted') throw aborted()
      if (result.done === true) {
        isOpen = false
        return
      }
      yield result.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // Not awaited: an iterator that hangs would keep the caller from learning that it was aborted.
    if (isOpen) void close(iterator)
  }
}

async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  await Promise.allSettled([iterator.return?.()])
}

function aborted(): KtError {
  return new KtError('KT_ABORTED', 'The import was aborted', { retryable: false })
}
