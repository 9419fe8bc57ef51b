import type { Message } from '@kt/core'

/** A message as it was fetched, by whichever decoder. */
export interface FetchedMessage extends Message {
  /** About how much memory it takes, in bytes. */
  readonly size: number
}
