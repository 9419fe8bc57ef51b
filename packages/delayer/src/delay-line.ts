import type { Message } from '@kt/core'
import { FirstSeen } from './first-seen.ts'

/** What can be done with a batch now. */
export interface Split {
  readonly due: readonly Message[]
  /** The first message that is not due yet, and when it will be. */
  readonly next: { readonly offset: bigint; readonly dueAtMs: number } | undefined
}

/** Tells what is due, for each partition by itself. */
export class DelayLine {
  readonly #delayMs: number
  readonly #firstSeen = new Map<number, FirstSeen>()

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  /** Takes a batch apart at its first message that is not due. Those behind wait for it: the order is kept. */
  split(partition: number, messages: readonly Message[], nowMs: number): Split {
    const seen = this.#of(partition)
    seen.note(messages, nowMs)
    for (const [index, { offset, timestampMs }] of messages.entries()) {
      // A clock that is fast, or a forged timestamp, must not hold a message back for longer than one delay.
      const dueAtMs = Math.min(timestampMs, seen.of(offset) ?? nowMs) + this.#delayMs
      if (dueAtMs > nowMs) return { due: messages.slice(0, index), next: { offset, dueAtMs } }
    }
    return { due: messages, next: undefined }
  }

  #of(partition: number): FirstSeen {
    const existing = this.#firstSeen.get(partition)
    if (existing !== undefined) return existing
    const fresh = new FirstSeen()
    this.#firstSeen.set(partition, fresh)
    return fresh
  }
}
