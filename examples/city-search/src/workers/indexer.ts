import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import type { Connections } from '../connections.ts'
import { cityIndex } from '../index/city-index.ts'
import type { City } from '../models/city.ts'
import { runAlone } from '../run/run-alone.ts'

/** Keeps the index in sync with the cities. Start any number: they share the partitions of the topic. */
export async function startIndexer(
  connections: Connections,
  topic: string = connections.config.topics.cities,
  name: string = connections.config.groups.indexer,
): Promise<Indexer<City>> {
  const { config, consumer, producer, elasticsearch, sequelize, logger } = connections
  const indexer = new Indexer({
    consumer,
    client: elasticsearch,
    topic,
    name,
    index: cityIndex(config.index),
    versions: readTickets(sequelize),
    deadLetters: producer,
    logger,
  })
  await indexer.run()
  return indexer
}

await runAlone(import.meta.url, (connections) => startIndexer(connections))
