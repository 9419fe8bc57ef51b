import type { Indexer } from '@kt/indexer'
import type { Connections } from '../connections.ts'
import type { City } from '../models/city.ts'
import { runAlone } from '../run/run-alone.ts'
import { startIndexer } from './indexer.ts'

/** Indexes the cities that the Cascader has sent, apart from direct edits that somebody is waiting for. */
export function startCascadedIndexer(connections: Connections): Promise<Indexer<City>> {
  const { topics, groups } = connections.config
  return startIndexer(connections, topics.cascaded, groups.cascadedIndexer)
}

await runAlone(import.meta.url, startCascadedIndexer)
