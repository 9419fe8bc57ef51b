import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import { openDatabase } from '../model/database.ts'
import { cityIndex, countryIndex } from '../model/indexes.ts'
import { openConnections } from './connections.ts'
import { faultyBulkClient, faultyIndex, slowIndex } from './faulty-index.ts'
import type { StartRole } from './role.ts'

export const startIndexer: StartRole = async (settings, faults) => {
  const { topics, indexes, groups } = settings
  const { consumer, producer, elasticsearch, logger } = openConnections(settings)
  const sequelize = openDatabase(settings.databaseUrl)
  const documentMs = Number(process.env['KT_DOCUMENT_MS'] ?? 0)
  const maxReadAgeMs = process.env['KT_MAX_READ_AGE_MS']
  const common = {
    consumer,
    client: faultyBulkClient(elasticsearch, faults),
    versions: readTickets(sequelize),
    deadLetters: producer,
    retry: { initialMs: 50, maxMs: 1_000 },
    logger,
    ...(maxReadAgeMs !== undefined && { maxReadAgeMs: Number(maxReadAgeMs) }),
  }
  const cities = new Indexer({
    ...common,
    topic: topics.cities,
    name: groups.cityIndexer,
    index: slowIndex(faultyIndex(cityIndex(indexes.cities), faults), documentMs),
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
