import type { WorldSettings } from '../harness/settings.ts'
import type { Write } from '../writes/write.ts'
import type { FaultInjector } from './fault-injector.ts'

/** A running role. Only the writer can write. */
export interface Role {
  write?(write: Write): Promise<void>
  flush?(): Promise<void>
  /** Finishes current work and leaves the groups. */
  stop?(): Promise<void>
}

/** Resolves when the role is running. A worker has joined its groups by then. */
export type StartRole = (settings: WorldSettings, faults: FaultInjector) => Promise<Role>
