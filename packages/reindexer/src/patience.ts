import { errorFields } from '@kt/core'
import { backoff, mayPass, sleep } from '@kt/core/internal'
import type { Logger } from '@kt/core'

export interface PatienceOptions {
  readonly index: string
  readonly logger: Logger
  readonly signal: AbortSignal
  /** The log line for each failure. */
  readonly warning: string
}

const retry = backoff({ initialMs: 500, maxMs: 15_000 })

/** Repeats some work while Kafka, the database or the search engine is away. */
export async function patiently<T>(
  work: () => Promise<T>,
  { index, logger, signal, warning }: PatienceOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error
      logger.warn(warning, { index, attempt, ...errorFields(error) })
      await sleep(retry(attempt), signal)
    }
}
