import type { Message } from '@kt/core'

/**
 * What a fetch brought of a partition, in order, by whichever decoder. Messages are made when they are asked for, each
 * time anew: far more wait for their turn than are in hand, and as objects they would be most of what a worker holds.
 */
export interface FetchedMessages {
  readonly length: number
  /** About how much memory all of them take in hand, in bytes. */
  readonly bytes: number
  /** Those from the one index to before the other. @defaultValue all of them */
  slice(from?: number, to?: number): Message[]
}

export const noMessages: FetchedMessages = { length: 0, bytes: 0, slice: () => [] }
