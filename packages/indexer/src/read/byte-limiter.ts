import { throwIfAborted } from '../abort.ts'

/** The room that a part of a batch takes, from before it is read until the search engine has answered. */
export interface Room {
  /** Gives it back, and tells what the search engine did with the part if that is known. Idempotent. */
  leave(outcome?: 'taken' | 'pushedBack'): void
}

interface Waiting {
  readonly bytes: number
  readonly admit: () => void
}

/**
 * Bounds what all partitions of an Indexer have under way together, in bytes of their bulk requests: a process may have
 * a hundred partitions, each with large documents.
 *
 * When the search engine has too much to do (429), it gets half of that from then on, and for each round of requests
 * that it takes one request more. So TCP finds out what a network bears (RFC 5681), and nobody has to guess it.
 */
export class InFlight {
  readonly #maxBytes: number
  readonly #waiting: Waiting[] = []
  #capacity: number
  #used = 0
  /** How often the capacity was halved: what was under way then says nothing new. */
  #cuts = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#capacity = maxBytes
  }

  /**
   * Resolves when there is room for so many bytes, in the order of the calls. What needs more than there ever is goes
   * alone.
   *
   * @throws KtError `KT_ABORTED`
   */
  async enter(bytes: number, signal: AbortSignal): Promise<Room> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#used += bytes
    else await this.#turn(bytes, signal)
    const cuts = this.#cuts
    let isLeft = false
    return {
      leave: (outcome) => {
        if (isLeft) return
        isLeft = true
        if (outcome === 'taken') this.#grow(bytes)
        if (outcome === 'pushedBack' && cuts === this.#cuts) this.#halve()
        this.#used -= bytes
        this.#admit()
      },
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#capacity
  }

  async #turn(bytes: number, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    let end = (): void => undefined
    const isAdmitted = await new Promise<boolean>((resolve) => {
      const waiting = { bytes, admit: () => resolve(true) }
      end = () => {
        const index = this.#waiting.indexOf(waiting)
        if (index !== -1) this.#waiting.splice(index, 1)
        resolve(false)
      }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', end)
    })
    signal.removeEventListener('abort', end)
    if (isAdmitted) return
    this.#admit()
    throwIfAborted(signal)
  }

  #admit(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && this.#fits(first.bytes);
      [first] = this.#waiting
    ) {
      this.#waiting.shift()
      this.#used += first.bytes
      first.admit()
    }
  }

  #grow(bytes: number): void {
    const share = Math.min(1, bytes / this.#capacity)
    this.#capacity = Math.min(this.#maxBytes, this.#capacity + bytes * share)
  }

  #halve(): void {
    this.#capacity = this.#used / 2
    this.#cuts++
  }
}
