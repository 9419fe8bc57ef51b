import { ClosingStack } from './closing-stack.ts'
import { lineLogger } from './line-logger.ts'
import { untilInterrupted } from './interruption.ts'
import { ProgressBars } from './progress-bars.ts'
import { startMissingServices } from './start-services.ts'

export interface RunOptions {
  readonly folder: string
  readonly reset: boolean
  readonly signal: AbortSignal
}

/** Runs the services, all workers and the page until the signal fires. The services end last. */
export async function runEverything({ folder, reset, signal }: RunOptions): Promise<void> {
  const bars = new ProgressBars()
  const logger = lineLogger((line) => bars.log(line))
  const opened = new ClosingStack(logger)
  try {
    const services = opened.add(await startMissingServices({ folder, reset, bars, signal }))
    Object.assign(process.env, services.environment)
    // Imported now, because the configuration reads the environment.
    const { runApplication } = await import('./run-application.ts')
    const { url } = await runApplication({ bars, logger, opened, signal })
    bars.stop()
    console.log(`\n  City search: ${url}\n  Ctrl-C ends it and keeps the data.\n`)
    await untilInterrupted(signal)
  } finally {
    bars.stop()
    await opened.close()
  }
}
