import { readConfig } from '../config.ts'
import { openConnections } from '../connections.ts'
import { setup } from '../setup.ts'
import { startWeb } from '../web/server.ts'
import { startCascadedIndexer } from '../workers/cascaded-indexer.ts'
import { startCascades } from '../workers/cascades.ts'
import { startDelayer } from '../workers/delayer.ts'
import { startIndexer } from '../workers/indexer.ts'
import { ClosingStack } from './closing-stack.ts'
import { firstLoad } from './first-load.ts'
import { lineLogger } from './console-logger.ts'
import { ProgressBars } from './progress-bars.ts'
import { startMissingServices } from './start-services.ts'
import { untilInterrupted } from './interruption.ts'

export interface RunOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly reset: boolean
  readonly signal: AbortSignal
}

/** Runs the services, all workers and the web server until the signal fires. The services end last. */
export async function runEverything({ environment, folder, reset, signal }: RunOptions): Promise<void> {
  const bars = new ProgressBars()
  const logger = lineLogger((line) => bars.log(line))
  const opened = new ClosingStack(logger)
  try {
    const services = opened.add(await startMissingServices({ folder, reset, bars, signal }))
    const config = readConfig({ ...environment, ...services.environment })
    const connections = opened.add(openConnections(config, logger))
    await setup(connections)
    const [indexer] = await Promise.all([
      startIndexer(connections).then((worker) => opened.add(worker)),
      startCascadedIndexer(connections).then((worker) => opened.add(worker)),
      startDelayer(connections).then((worker) => opened.add(worker)),
      startCascades(connections).then((worker) => opened.add(worker)),
    ])
    await firstLoad({ connections, indexer, bars, signal })
    const web = opened.add(await startWeb(connections))
    bars.stop()
    console.log(`\n  City search: ${web.url}\n  Ctrl-C ends it and keeps the data.\n`)
    await untilInterrupted(signal)
  } finally {
    bars.stop()
    await opened.close()
  }
}
