import { createDelayTopic } from '@kt/delayer'
import { Client as Database } from 'pg'
import type { TestScope } from 'testkit'
import { schema } from '../model/database.ts'
import { createIndexes } from '../model/indexes.ts'
import { GroupLag } from './group-lag.ts'
import type { Addresses, WorldSettings } from './settings.ts'

export interface PrepareOptions {
  /** The delay of the Delayer. @defaultValue 2_000 */
  readonly delayMs?: number
  /** Service addresses for the roles, for example those of proxies. @defaultValue the lab's own addresses */
  readonly addresses?: (own: Addresses) => Partial<Addresses>
}

/** Partitions per topic. With several, the order between partitions is arbitrary, as in production. */
const partitions = 2

/** Long enough for a process that is short of CPU to send its heartbeats. */
const comfortableSessionMs = 2_500

/** Creates the tables, topics and indexes of a world. */
export async function prepare(scope: TestScope, options: PrepareOptions): Promise<WorldSettings> {
  const indexes = { cities: scope.index('cities'), countries: scope.index('countries') }
  const delay = scope.topic('delay')
  const [cities, countries, lane, shortestSessionMs] = await Promise.all([
    scope.createTopic('cities', { partitions }),
    scope.createTopic('countries', { partitions }),
    scope.createTopic('lane', { partitions }),
    shortestSession(scope),
    createDelayTopic({ kafka: scope.kafka(), topic: delay, partitions }),
    createTables(scope.databaseUrl),
    createIndexes(scope.elasticsearch, indexes),
  ])
  const { brokers, elasticsearchUrl, databaseUrl } = scope
  const own = { brokers, elasticsearchUrl, databaseUrl }
  const group = (name: string): string => `${scope.prefix}.${name}`
  return {
    topics: { cities, countries, delay, lane },
    indexes,
    groups: {
      delayer: group('delayer'),
      // The name that the derived cascade gives itself.
      citiesOfCountries: `${countries}_to_${indexes.cities}`,
      lane: group('lane'),
      countriesOfCities: group('countries_of_cities'),
      cityIndexer: group('city_indexer'),
      countryIndexer: group('country_indexer'),
    },
    delayMs: options.delayMs ?? 2_000,
    sessionTimeoutMs: Math.max(comfortableSessionMs, shortestSessionMs),
    ...own,
    ...options.addresses?.(own),
  }
}

async function createTables(databaseUrl: string): Promise<void> {
  const database = new Database({ connectionString: databaseUrl })
  await database.connect()
  try {
    await database.query(schema)
  } finally {
    await database.end()
  }
}

async function shortestSession(scope: TestScope): Promise<number> {
  await using lag = new GroupLag(scope.brokers)
  return await lag.shortestSessionMs()
}
