import { KtError, errorFields } from '@kt/core'
import type { Logger } from '@kt/core'
import type { ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { ConnectionError } from 'sequelize'
import { isSearchAway } from './is-search-away.ts'

/** The answer to a failed request. Never contains the message of a driver's error, which may quote a row. */
export interface Problem {
  readonly error: string
}

/** Turns any error of a handler into an answer. */
export function problemHandler(logger: Logger): ErrorHandler {
  return (error, context) => {
    if (error instanceof HTTPException)
      return context.json({ error: error.message } satisfies Problem, error.status)
    const reason = unavailable(error)
    if (reason !== undefined) return context.json({ error: reason } satisfies Problem, 503)
    logger.error('A request failed', errorFields(error))
    return context.json({ error: 'Something went wrong here; the log says more' } satisfies Problem, 500)
  }
}

/** Returns which service is unavailable, if the error shows that. */
function unavailable(error: unknown): string | undefined {
  if (KtError.isInstance(error) && error.retryable)
    return 'Kafka is not available; nothing was changed, try again'
  if (error instanceof ConnectionError) return 'The database is not available; try again'
  if (isSearchAway(error)) return 'Elasticsearch is not available; try again'
  return undefined
}
