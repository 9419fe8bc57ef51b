import { silentLogger } from '@kt/core'
import type { Delayer } from '@kt/delayer'
import type { Indexer } from '@kt/indexer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { readConfig } from '../../src/config.ts'
import { openConnections } from '../../src/connections.ts'
import type { Connections } from '../../src/connections.ts'
import { loadCities } from '../../src/load/load-cities.ts'
import { loadCountries } from '../../src/load/load-countries.ts'
import type { City } from '../../src/models/city.ts'
import { ClosingStack } from '../../src/run/closing-stack.ts'
import { setup } from '../../src/setup.ts'
import { startWeb } from '../../src/web/server.ts'
import { startCascadedIndexer } from '../../src/workers/cascaded-indexer.ts'
import { startCascades } from '../../src/workers/cascades.ts'
import { startDelayer } from '../../src/workers/delayer.ts'
import { startIndexer } from '../../src/workers/indexer.ts'
import { smallCities } from './small-data.ts'

export interface TestApp {
  readonly scope: TestScope
  readonly connections: Connections
  readonly url: string
  /** For tests that stop them. */
  readonly delayer: Delayer
  readonly indexer: Indexer<City>
  close(): Promise<void>
}

/** The environment variables of an entry point: the services, and a prefix of its own. */
export function environmentOf(scope: TestScope, more: Record<string, string> = {}): Record<string, string> {
  return {
    KT_KAFKA_BROKERS: scope.brokers.join(','),
    KT_ELASTICSEARCH_URL: scope.elasticsearchUrl,
    KT_DATABASE_URL: scope.databaseUrl,
    KT_PREFIX: scope.prefix,
    KT_DELAY_MS: '4000',
    PORT: '0',
    ...more,
  }
}

/** Starts the whole example in this process, on the services of the test run, with a few indexed cities. */
export async function startApp(file: string): Promise<TestApp> {
  const opened = new ClosingStack(silentLogger)
  const scope = opened.add(await createTestScope(file))
  const connections = opened.add(openConnections(readConfig(environmentOf(scope)), silentLogger))
  await setup(connections)
  await loadCountries(connections.sequelize)
  await loadCities(connections.sequelize, smallCities)
  const delayer = opened.add(await startDelayer(connections))
  opened.add(await startCascades(connections))
  opened.add(await startCascadedIndexer(connections))
  const indexer = opened.add(await startIndexer(connections))
  await indexer.whenCaughtUp()
  const web = opened.add(await startWeb(connections))
  await scope.elasticsearch.indices.refresh({ index: connections.config.index })
  return { scope, connections, url: web.url, delayer, indexer, close: () => opened.close() }
}
