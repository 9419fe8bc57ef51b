import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'

/**
 * Calls `shutdown` at the first of these signals. A second one ends the process at once, as without this.
 *
 * @returns a function that stops that
 */
export function onSignals(
  signals: readonly NodeJS.Signals[],
  shutdown: () => Promise<void>,
  logger: Logger,
): () => void {
  const ignore = (): void => {
    for (const signal of signals) process.off(signal, handle)
  }
  const handle = (signal: NodeJS.Signals): void => {
    ignore()
    logger.info('Shutting down', { signal })
    shutdown().catch((error: unknown) => {
      logger.error('The process could not be shut down in order', errorFields(error))
      process.exitCode = 1
    })
  }
  for (const signal of signals) process.on(signal, handle)
  return ignore
}
