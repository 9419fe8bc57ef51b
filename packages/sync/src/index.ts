export type {
  AnyModelIndex,
  CascadesConfig,
  DelayConfig,
  KafkaInMemory,
  SearchEngine,
  SyncConfig,
  TopicsConfig,
} from './config/config.ts'
export { defineConfig } from './config/config.ts'
export type { SyncCascade, TopicUse, Topology, WantedTopic } from './config/topology.ts'
export type { DeadLettersOptions, OpenDeadLetter } from './dead-letters.ts'
export type { DiagnoseOptions } from './doctor/diagnose.ts'
export type { Finding, Severity } from './doctor/finding.ts'
export { drainServer } from './drain-server.ts'
export type { DrainableServer } from './drain-server.ts'
export type { PlannedIndex, PlannedOutbox, PlannedTopic, PlanOptions, SyncPlan } from './plan.ts'
export type { HealthProblem } from './status/health.ts'
export { services } from './status/services.ts'
export type { Service } from './status/services.ts'
export type { GroupStatus, SyncStatus } from './status/status.ts'
export type { SyncGroup } from './groups.ts'
export { createSync, Sync } from './sync.ts'
export type { SyncRunOptions } from './sync.ts'
export type { ShutdownOptions, SignalOptions } from './shutdown.ts'
export type { ApplyOptions, ApplyResult } from './apply.ts'
export { roles } from './workers/roles.ts'
export type { Role } from './workers/roles.ts'
