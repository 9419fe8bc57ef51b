import { throwIfAborted } from '../abort.ts'

/** Allows one part of a batch, from before it is read until the search engine has responded. */
export interface Permit {
  /** Returns the bytes, and reports how the search engine took the part if that is known. Idempotent. */
  release(outcome?: 'accepted' | 'overloaded'): void
}

interface Waiter {
  readonly bytes: number
  readonly admit: () => void
}

/**
 * Limits the bytes of bulk requests that all partitions of an Indexer have in flight together: a process may have a
 * hundred partitions, each with large documents.
 *
 * When the search engine is overloaded (429), the limit becomes half of the bytes in flight. Each round of requests
 * that is accepted raises it by one request, up to `maxBytes`. TCP probes the capacity of a network in the same way
 * (RFC 5681), so nobody has to guess the right limit.
 */
export class ByteLimiter {
  readonly #maxBytes: number
  readonly #waiters: Waiter[] = []
  #limit: number
  #used = 0
  /** How often the limit was halved. Overload of a part that was already in flight then does not halve it again. */
  #cuts = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#limit = maxBytes
  }

  /**
   * Resolves when the bytes fit, in the order of the calls. A part that exceeds the limit is admitted alone.
   *
   * @throws KtError `KT_ABORTED`
   */
  async acquire(bytes: number, signal: AbortSignal): Promise<Permit> {
    if (this.#waiters.length === 0 && this.#fits(bytes)) this.#used += bytes
    else await this.#wait(bytes, signal)
    const cuts = this.#cuts
    let isReleased = false
    return {
      release: (outcome) => {
        if (isReleased) return
        isReleased = true
        if (outcome === 'accepted') this.#grow(bytes)
        if (outcome === 'overloaded' && cuts === this.#cuts) this.#halve()
        this.#used -= bytes
        this.#admit()
      },
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    let end = (): void => undefined
    const isAdmitted = await new Promise<boolean>((resolve) => {
      const waiter = { bytes, admit: () => resolve(true) }
      end = () => {
        const index = this.#waiters.indexOf(waiter)
        if (index !== -1) this.#waiters.splice(index, 1)
        resolve(false)
      }
      this.#waiters.push(waiter)
      signal.addEventListener('abort', end)
    })
    signal.removeEventListener('abort', end)
    if (isAdmitted) return
    this.#admit()
    throwIfAborted(signal)
  }

  #admit(): void {
    for (
      let [first] = this.#waiters;
      first !== undefined && this.#fits(first.bytes);
      [first] = this.#waiters
    ) {
      this.#waiters.shift()
      this.#used += first.bytes
      first.admit()
    }
  }

  #grow(bytes: number): void {
    const share = Math.min(1, bytes / this.#limit)
    this.#limit = Math.min(this.#maxBytes, this.#limit + bytes * share)
  }

  #halve(): void {
    this.#limit = this.#used / 2
    this.#cuts++
  }
}
