import type { Logger } from '@kt/core'
import type { ChangeRecorder } from '../changes/change-recorder.ts'
import type { StatusFeed } from './status-feed.ts'

/** Everything the routes work with. */
export interface WebContext {
  readonly changes: ChangeRecorder
  readonly status: StatusFeed
  readonly logger: Logger
  /** Fires when the server closes, to end endless answers. */
  readonly signal: AbortSignal
}
