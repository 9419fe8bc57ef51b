import type { FaultPoint } from './fault-points.ts'
import type { RoleName, WorldSettings } from './settings.ts'
import type { Write } from '../writes/write.ts'

/** What the lab asks of a role's process. */
export type Command =
  | { readonly type: 'start'; readonly role: RoleName; readonly settings: WorldSettings }
  /** Stand still when passing `point` for the `hits`-th time from now on. */
  | { readonly type: 'arm'; readonly point: FaultPoint; readonly hits: number }
  /** Go on from the point where it stands. */
  | { readonly type: 'release' }
  | { readonly type: 'write'; readonly write: Write }
  /** Sends the instant messages that are under way. */
  | { readonly type: 'flush' }
  /** Finish what is in hand and leave the groups. */
  | { readonly type: 'stop' }
  | { readonly type: 'memory' }

export interface Request {
  readonly id: number
  readonly command: Command
}

/** What a process takes of memory, in bytes, right after a garbage collection. */
export interface Memory {
  readonly rss: number
  readonly heap: number
}

/** What the process says. */
export type Report =
  | { readonly type: 'loaded' }
  | { readonly type: 'reached'; readonly point: FaultPoint }
  | { readonly type: 'memory'; readonly memory: Memory }
  | { readonly type: 'done'; readonly id: number; readonly error?: string }
