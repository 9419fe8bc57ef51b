import type { Memory } from '../harness/protocol.ts'
import type { RolePool } from '../harness/role-pool.ts'
import type { Addresses } from '../harness/settings.ts'
import type { World } from '../harness/world.ts'
import type { LoadCounts } from './load.ts'
import type { ChaosServices, KafkaKind } from './services.ts'

/** Everything a scenario can work with. */
export interface Stage {
  readonly services: ChaosServices
  readonly world: World
  readonly pool: RolePool
  /** Duration of the outage. */
  readonly outageMs: number
  /** Results of the load so far. */
  readonly counts: () => LoadCounts
}

/** One way for services to fail, and the conditions that must still hold. */
export interface Scenario {
  /** For example `kafka-killed`. `--only` matches this name. */
  readonly name: string
  /** Describes the disturbance in words. */
  readonly what: (outageSeconds: number) => string
  /** @defaultValue 'single' */
  readonly kafka?: KafkaKind
  /** Service addresses for the processes. @defaultValue the real addresses */
  readonly addresses?: (services: ChaosServices, own: Addresses) => Partial<Addresses>
  /** Runs before the load begins. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /**
   * Breaks something while the load goes on, and restores it. Resolves when it is restored.
   *
   * @throws Failure when a check fails during the disturbance
   */
  readonly disturb: (stage: Stage) => Promise<void>
  /** Whether the scenario itself ends processes. @defaultValue false */
  readonly kills?: boolean
  /** Time allowed for convergence in addition to one delay period. @defaultValue 10_000 */
  readonly catchUpMs?: number
  /** Runs when nothing is left to do, and before the final comparison. @throws Failure */
  readonly conclude?: (stage: Stage) => Promise<void>
}

export interface ScenarioResult {
  readonly scenario: Scenario
  readonly what: string
  readonly counts: LoadCounts
  /** From the return of the service until every row written before that was correct in the index. */
  readonly convergedMs?: number
  /** From the last write until it was indexed. */
  readonly indexedMs?: number
  /** Of the process that has grown most. */
  readonly growth?: Memory
  readonly failed?: { readonly reason: string; readonly details: string }
}
