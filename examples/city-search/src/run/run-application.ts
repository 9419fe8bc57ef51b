import type { Logger } from '@kt/core'
import { createSync } from '@kt/sync'
import config from '../../kt.config.ts'
import { createTables } from '../models/tables.ts'
import { startWeb } from '../web/server.ts'
import type { WebServer } from '../web/server.ts'
import type { ClosingStack } from './closing-stack.ts'
import { buildIndex, loadOnce } from './first-load.ts'
import { untilInterrupted } from './interruption.ts'
import type { ProgressBars } from './progress-bars.ts'

export interface ApplicationOptions {
  readonly bars: ProgressBars
  readonly logger: Logger
  /** Receives what has to be closed. */
  readonly opened: ClosingStack
  readonly signal: AbortSignal
}

/** Loads the cities, builds their index, and starts all workers and the page. */
export async function runApplication({
  bars,
  logger,
  opened,
  signal,
}: ApplicationOptions): Promise<WebServer> {
  const sync = createSync({ ...config, logger })
  opened.add({ close: () => sync.shutdown() })
  await createTables()
  const { indexes } = await sync.plan()
  // An index that exists gets the cities by messages. Otherwise it is built from the table.
  if (indexes.every(({ action }) => action === 'none')) await sync.start({ signal })
  await loadOnce({ bars, signal })
  await buildIndex(sync, { bars, signal })
  const starting = Promise.all([sync.run({ signals: [] }), sync.start({ signal })])
  await Promise.race([starting, untilInterrupted(signal)])
  signal.throwIfAborted()
  return opened.add(await startWeb(sync, logger))
}
