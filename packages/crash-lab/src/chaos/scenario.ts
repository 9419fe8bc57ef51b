import type { Memory } from '../harness/protocol.ts'
import type { RolePool } from '../harness/role-pool.ts'
import type { Addresses } from '../harness/settings.ts'
import type { World } from '../harness/world.ts'
import type { LoadCounts } from './load.ts'
import type { ChaosServices, KafkaKind } from './services.ts'

/** What a scenario has in hand. */
export interface Stage {
  readonly services: ChaosServices
  readonly world: World
  readonly pool: RolePool
  /** How long the service is to be away. */
  readonly outageMs: number
  /** What has become of the load so far. */
  readonly counts: () => LoadCounts
}

/** One way for services to fail, and what must be true in spite of it. */
export interface Scenario {
  /** Such as `kafka-killed`; `--only` looks for it. */
  readonly name: string
  /** What is done, in words. */
  readonly what: (outageSeconds: number) => string
  /** @defaultValue 'single' */
  readonly kafka?: KafkaKind
  /** Where the processes find the services. @defaultValue where they are */
  readonly addresses?: (services: ChaosServices, own: Addresses) => Partial<Addresses>
  /** What is done before the load begins. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /**
   * Takes something away while the load goes on, and brings it back; resolves when it is back.
   *
   * @throws Failure when something is not as it should be meanwhile
   */
  readonly disturb: (stage: Stage) => Promise<void>
  /** Whether the processes that are gone at the end were meant to be. @defaultValue false */
  readonly kills?: boolean
  /** How long the convergence may take besides one delay period. @defaultValue 10_000 */
  readonly catchUpMs?: number
  /** Runs when everything has come to rest, and before all is compared. @throws Failure */
  readonly conclude?: (stage: Stage) => Promise<void>
}

export interface ScenarioResult {
  readonly scenario: Scenario
  readonly what: string
  readonly counts: LoadCounts
  /** From when the service was back until every row that was written before was as it should be in the index. */
  readonly convergedMs?: number
  /** From the write until it was indexed, at the end. */
  readonly indexedMs?: number
  /** Of the process that has grown most. */
  readonly growth?: Memory
  readonly failed?: { readonly reason: string; readonly details: string }
}
