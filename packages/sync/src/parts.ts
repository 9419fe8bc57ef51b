import type { Reindexer } from '@kt/reindexer'
import type { Model } from 'sequelize'
import type { ConfiguredIndex, ResolvedConfig } from './config/resolve-config.ts'
import type { Topology } from './config/topology.ts'
import type { Connections } from './connections.ts'

/** What a configuration composes, for all that works with it. */
export interface SyncParts {
  readonly config: ResolvedConfig
  readonly topology: Topology
  readonly connections: Connections
  /** @throws KtError `KT_OPTION_INVALID` when no index has this alias */
  index(alias: string): ConfiguredIndex
  /** @throws KtError `KT_OPTION_INVALID` when no index has this alias */
  reindexer(alias: string): Reindexer<Model>
}
