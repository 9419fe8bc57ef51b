import type { WorldSettings } from '../harness/settings.ts'
import type { Write } from '../writes/write.ts'
import type { FaultInjector } from './fault-injector.ts'

/** A running role. Only the writer can write. */
export interface Role {
  write?(write: Write): Promise<void>
  flush?(): Promise<void>
  /** Finishes what is in hand, and leaves the groups. */
  stop?(): Promise<void>
}

/** Resolves when the role is at work: a worker has joined its groups. */
export type StartRole = (settings: WorldSettings, faults: FaultInjector) => Promise<Role>
