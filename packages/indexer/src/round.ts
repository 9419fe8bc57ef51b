import type { BatchContext } from '@kt/core'
import type { Target } from './bulk/index-guard.ts'
import type { RefusalCounter } from './bulk/refusal-counter.ts'
import type { GivenUp } from './dead-letters/dead-letters.ts'
import type { Operations } from './document/operation.ts'
import type { Entry } from './entry.ts'
import type { Permit } from './read/byte-limiter.ts'

/** The state of the current batch. */
export interface Batch {
  readonly context: BatchContext
  readonly givenUp: GivenUp[]
  /** Whether the search engine has accepted a write. */
  takesWrites: boolean
}

/** The entries of a batch that are read together. */
export interface Part {
  readonly batch: Batch
  readonly entries: readonly Entry[]
}

/** One try of a part. Entries that were done in an earlier try are left out. */
export interface Round extends Part {
  readonly attempt: number
  readonly refusals: RefusalCounter
}

/** A round that is ready to be written. Has no records: the garbage collector would copy them while they wait. */
export interface Prepared extends Operations {
  readonly readAtMs: number
  readonly ticket: number | undefined
  readonly permit: Permit
  readonly target: Target
  readonly unreadable: readonly Entry[]
}
