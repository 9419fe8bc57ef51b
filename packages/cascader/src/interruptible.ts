/**
 * Iterates over an async iterable until it is interrupted. Then the promise of the current item, or that of the next
 * one, rejects with the reason.
 */
export class Interruptible<T> implements AsyncIterator<T> {
  readonly #iterator: AsyncIterator<T>
  // A race with one promise for the whole import would keep every item in memory while that promise is pending.
  #interruptWait: ((reason: unknown) => void) | undefined
  #interruption: { readonly reason: unknown } | undefined

  constructor(items: AsyncIterable<T>) {
    this.#iterator = items[Symbol.asyncIterator]()
  }

  /** @throws the reason of an interruption, and the errors of the iterable */
  next(): Promise<IteratorResult<T, unknown>> {
    return new Promise((resolve, reject) => {
      if (this.#interruption !== undefined) {
        reject(this.#interruption.reason)
        return
      }
      this.#interruptWait = reject
      this.#iterator.next().then(resolve, reject)
    })
  }

  /** Only the first reason counts. */
  interrupt(reason: unknown): void {
    this.#interruption ??= { reason }
    this.#interruptWait?.(this.#interruption.reason)
  }

  /** Does not wait for the iterator: if it hangs, the caller would not learn of the interruption. */
  close(): void {
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined)
  }
}
