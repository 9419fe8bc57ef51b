import type { FaultPoint } from './fault-points.ts'
import type { RoleName, WorldSettings } from './settings.ts'
import type { Write } from '../writes/write.ts'

/** Requests from the lab to a role's process. */
export type Command =
  | { readonly type: 'start'; readonly role: RoleName; readonly settings: WorldSettings }
  /** Pause the `hits`-th time that something passes `point` from now on. */
  | { readonly type: 'arm'; readonly point: FaultPoint; readonly hits: number }
  /** Go on from the point where it is paused. */
  | { readonly type: 'release' }
  | { readonly type: 'write'; readonly write: Write }
  /** Send the instant messages that are pending. */
  | { readonly type: 'flush' }
  /** Finish current work and leave the groups. */
  | { readonly type: 'stop' }
  | { readonly type: 'memory' }

export interface Request {
  readonly id: number
  readonly command: Command
}

/** Memory of a process in bytes, right after a garbage collection. */
export interface Memory {
  readonly rss: number
  readonly heap: number
}

/** Messages from the process to the lab. */
export type Report =
  | { readonly type: 'loaded' }
  | { readonly type: 'reached'; readonly point: FaultPoint }
  | { readonly type: 'memory'; readonly memory: Memory }
  | { readonly type: 'done'; readonly id: number; readonly error?: string }
