import { errorFields, KtError } from '@kt/core'
import { backoff, mayPass, sleep } from '@kt/core/internal'
import type { Logger } from '@kt/core'

const waitMs = backoff({ initialMs: 500, maxMs: 10_000 })

/**
 * Runs `start` until it succeeds. Services may be away for long when a worker starts, and whatever restarts it would only
 * try the same again.
 *
 * @param what what starts, for the log
 * @throws those errors that no retry mends, such as `KT_OPTION_INVALID` or missing rights, and `KT_ABORTED`
 */
export async function untilStarted(
  what: string,
  start: () => Promise<unknown>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await start()
      if (attempt > 1) logger.info(`${what} has started`, { attempt })
      return
    } catch (error) {
      if (signal.aborted) throw aborted(what, error)
      if (!mayPass(error)) throw error
      logger.warn(`${what} could not start: it is tried again`, { attempt, ...errorFields(error) })
    }
    await sleep(waitMs(attempt), signal)
    if (signal.aborted) throw aborted(what)
  }
}

function aborted(what: string, cause?: unknown): KtError {
  return new KtError('KT_ABORTED', `${what} was aborted while it started`, { cause, retryable: false })
}
