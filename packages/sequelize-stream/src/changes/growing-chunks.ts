import type { OutgoingChange } from './change.ts'
import type { ChangeLog } from './change-log.ts'

/**
 * The chunks of a log while changes are still being added to it, of one owner and one topic: each when it is full, and
 * what is left once `end` was called. Together they are what `chunks` returns then.
 */
export class GrowingChunks implements AsyncIterable<readonly OutgoingChange[]> {
  readonly #log: ChangeLog<unknown>
  #isOver = false
  #yielded = 0
  /** The chunk that is to be yielded next, if somebody waits for it: nothing has to be unpacked then. */
  #next: readonly OutgoingChange[] | undefined
  #wake: () => void = () => undefined

  constructor(log: ChangeLog<unknown>) {
    this.#log = log
  }

  /** Another chunk is full. */
  grown(chunk: readonly OutgoingChange[]): void {
    if (this.#log.packedCount === this.#yielded + 1) this.#next = chunk
    this.#wake()
  }

  /** Nothing more will be added. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly OutgoingChange[]> {
    while (!this.#isOver) {
      if (this.#log.packedCount > this.#yielded) yield this.#take()
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    yield* this.#log.chunks(this.#yielded)
  }

  #take(): readonly OutgoingChange[] {
    const chunk = this.#next ?? this.#log.chunks(this.#yielded).next().value ?? []
    this.#next = undefined
    this.#yielded++
    return chunk
  }
}
