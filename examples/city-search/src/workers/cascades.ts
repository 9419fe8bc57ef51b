import { cascades } from '@kt/model-index'
import type { Cascades } from '@kt/model-index'
import type { Connections } from '../connections.ts'
import { cityIndex } from '../index/city-index.ts'
import { runAlone } from '../run/run-alone.ts'

/** Sends all cities of a changed country, because their documents contain the country's name. */
export async function startCascades(connections: Connections): Promise<Cascades> {
  const { config, consumer, producer, logger } = connections
  const derived = cascades(cityIndex(config.index), {
    consumer,
    producer,
    // They have a topic of their own, because there may be many and an edited city should not wait behind them.
    targetTopic: () => config.topics.cascaded,
    // This topic's Indexer is our own and uses versions. A country takes a few hundred messages, not 100,000.
    recordsPerMessage: 500,
    logger,
  })
  await derived.run()
  return derived
}

await runAlone(import.meta.url, startCascades)
