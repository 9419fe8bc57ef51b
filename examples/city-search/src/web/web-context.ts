import type { ChangeRecorder } from '../changes/change-recorder.ts'
import type { Connections } from '../connections.ts'
import type { StatusFeed } from './status-feed.ts'

/** Everything the routes work with. */
export interface WebContext {
  readonly connections: Connections
  readonly changes: ChangeRecorder
  readonly status: StatusFeed
  /** Fires when the server closes, to end endless answers. */
  readonly signal: AbortSignal
}
