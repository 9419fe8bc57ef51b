import type { Message } from '@kt/core'
import { FirstSeen } from './first-seen.ts'

/** A batch, split into due messages and the rest. */
export interface Split {
  readonly due: readonly Message[]
  /** The first message that is not due yet, and the time when it will be. */
  readonly next: { readonly offset: bigint; readonly dueAtMs: number } | undefined
}

/** Finds the due messages, separately for each partition. */
export class DelayLine {
  readonly #delayOf: (message: Message) => number
  readonly #firstSeen = new Map<number, FirstSeen>()

  /** @param delayOf the delay of a message, in milliseconds */
  constructor(delayOf: (message: Message) => number) {
    this.#delayOf = delayOf
  }

  /** Splits a batch at its first message that isn't due. Later messages wait for it, which keeps the order. */
  split(partition: number, messages: readonly Message[], nowMs: number): Split {
    const seen = this.#of(partition)
    seen.note(messages, nowMs)
    for (const [index, message] of messages.entries()) {
      const { offset, timestampMs } = message
      // A fast clock or a forged timestamp must not delay a message by more than one delay.
      const dueAtMs = Math.min(timestampMs, seen.of(offset) ?? nowMs) + this.#delayOf(message)
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
