import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import { openDatabase } from '../model/database.ts'
import { cityIndex, countryIndex } from '../model/indexes.ts'
import { openConnections } from './connections.ts'
import { faultyBulkClient, faultyIndex } from './faulty-index.ts'
import type { StartRole } from './role.ts'

export const startIndexer: StartRole = async (settings, faults) => {
  const { topics, indexes, groups } = settings
  const { consumer, producer, elasticsearch, logger } = openConnections(settings)
  const sequelize = openDatabase(settings.databaseUrl)
  const common = {
    consumer,
    client: faultyBulkClient(elasticsearch, faults),
    versions: readTickets(sequelize),
    deadLetters: producer,
    retry: { initialMs: 50, maxMs: 1_000 },
    logger,
  }
  const cities = new Indexer({
    ...common,
    topic: topics.cities,
    name: groups.cityIndexer,
    index: faultyIndex(cityIndex(indexes.cities), faults),
  })
  const countries = new Indexer({
    ...common,
    topic: topics.countries,
    name: groups.countryIndexer,
    index: faultyIndex(countryIndex(indexes.countries), faults),
  })
  await Promise.all([cities.run(), countries.run()])
  return { stop: () => consumer.close() }
}
