import { silentLogger } from '@kt/core'
import type { Role, Sync } from '@kt/sync'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { ClosingStack } from '../../src/run/closing-stack.ts'
import { environmentOf, openExample } from './open-example.ts'
import type { Example } from './open-example.ts'
import { smallCities } from './small-data.ts'

export interface TestApp extends Example {
  readonly scope: TestScope
  /** Streams the models in this process. */
  readonly sync: Sync
  readonly url: string
  /** Runs another worker. */
  startWorker(role: Role): Promise<Sync>
  /** For tests that stop them. */
  readonly delayer: Sync
  readonly indexer: Sync
  close(): Promise<void>
}

/** Starts the whole example in this process, on the services of the test run, with a few indexed cities. */
export async function startApp(file: string): Promise<TestApp> {
  const opened = new ClosingStack(silentLogger)
  const scope = opened.add(await createTestScope(file))
  const example = await openExample(environmentOf(scope))
  const sync = example.newSync()
  opened.add({ close: () => sync.shutdown() })
  await example.createTables()
  await example.loadCountries()
  await example.loadCities(smallCities)
  await sync.apply()
  const startWorker = async (role: Role): Promise<Sync> => {
    const worker = opened.add(example.newSync())
    await worker.run({ only: [role], signals: [] })
    return worker
  }
  const [delayer, indexer] = await Promise.all([
    startWorker('delayer'),
    startWorker('indexer'),
    startWorker('cascades'),
  ])
  await sync.start()
  const web = opened.add(await example.startWeb(sync, silentLogger))
  await scope.elasticsearch.indices.refresh({ index: example.cityIndex.name })
  const close = (): Promise<void> => opened.close()
  return { ...example, scope, sync, url: web.url, startWorker, delayer, indexer, close }
}
