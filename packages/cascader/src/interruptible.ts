/**
 * The items of an async iterable, one promise for each, until it is interrupted: then the item that is awaited, or the
 * next one, is the reason.
 */
export class Interruptible<T> implements AsyncIterator<T> {
  readonly #iterator: AsyncIterator<T>
  // A race with one promise for the whole import would hold every item in memory for as long as that is pending.
  #interruptWait: ((reason: unknown) => void) | undefined
  #interruption: { readonly reason: unknown } | undefined

  constructor(items: AsyncIterable<T>) {
    this.#iterator = items[Symbol.asyncIterator]()
  }

  /** @throws the reason, and what the iterable throws. */
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

  /** Not awaited: an iterator that hangs would keep the caller from learning that it was interrupted. */
  close(): void {
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined)
  }
}
