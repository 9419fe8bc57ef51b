import type { EnsureOptions, EnsureResult, ReindexProgress } from '@kt/reindexer'
import type { ConfiguredIndex } from './config/resolve-config.ts'
import type { WantedTopic } from './config/topology.ts'
import type { SyncParts } from './parts.ts'
import { requireServices, services } from './status/services.ts'
import { watchFeeding } from './status/watch-feeding.ts'
import { createTopics } from './topics.ts'

export interface ApplyOptions extends Pick<
  EnsureOptions,
  'replaceIndex' | 'newDatabase' | 'olderVersion' | 'signal'
> {
  /** Called for each topic that was created. */
  readonly onTopic?: (topic: WantedTopic) => void
  /** Called when a step of a re-index begins, and after each page of records. */
  readonly onProgress?: (alias: string, progress: ReindexProgress) => void
  /** The aliases to build. @defaultValue all */
  readonly indexes?: readonly string[]
}

/** What `apply` has done, by alias. */
export type ApplyResult = ReadonlyMap<string, EnsureResult>

/** Creates what is missing, and builds what is outdated, one index after the other. */
export async function apply(parts: SyncParts, options: ApplyOptions): Promise<ApplyResult> {
  const { config, topology } = parts
  const { indexes = config.indexes.map(({ name }) => name), onTopic, onProgress, ...ensure } = options
  const reindexers = indexes.map((alias) => [alias, parts.reindexer(alias)] as const)
  // Nothing is created for what can't be finished.
  await requireServices(parts, services)
  await Promise.all(indexes.map((alias) => requireTable(parts.index(alias))))
  await config.outbox?.create()
  for (const topic of await createTopics(config, topology.topics)) onTopic?.(topic)
  const results = new Map<string, EnsureResult>()
  const ended = new AbortController()
  void watchFeeding(parts, ended.signal)
  try {
    for (const [alias, reindexer] of reindexers) {
      const report = onProgress && ((progress: ReindexProgress) => onProgress(alias, progress))
      results.set(alias, await reindexer.ensure({ ...ensure, ...(report && { onProgress: report }) }))
    }
  } finally {
    ended.abort()
  }
  return results
}

/** @throws KtError `KT_LOAD_FAILED` when a table or a key is missing, or may not be read */
async function requireTable(index: ConfiguredIndex): Promise<void> {
  await index.ids({ pageSize: 1 })[Symbol.asyncIterator]().next()
}
