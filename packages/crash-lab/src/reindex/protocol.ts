import type { ReindexStep } from '@kt/reindexer'

export type ReindexRole = 'worker' | 'writer' | 'ensure'

/** Messages from a process to the lab. */
export type ReindexReport =
  | { readonly type: 'started' }
  /** So many more writes have succeeded. */
  | { readonly type: 'written'; readonly count: number }
  | { readonly type: 'step'; readonly step: ReindexStep }
  | { readonly type: 'ensured'; readonly generation: string }
  | { readonly type: 'failed'; readonly error: string }
