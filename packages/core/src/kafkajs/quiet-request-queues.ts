import { errorFields } from '../errors/error-fields.ts'
import type { Logger } from '../ports/logger.ts'

/** As much of kafkajs's queue of requests, of which each connection has one, as is needed. */
interface RequestQueue {
  readonly pending: unknown
  readonly throttledUntil: unknown
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

/** On the method that was put in place, by whichever copy of this package. */
const mark = Symbol.for('@kt/core/quietRequestQueues')

/**
 * Mends kafkajs 2.2.4, in which each connection checks every millisecond, for as long as it is open, whether requests
 * are pending (tulios/kafkajs#1704). An idle worker would spend most of its CPU time on that. While nothing is pending
 * there is nothing to check, and a request that has to wait schedules the check itself.
 *
 * Connections that are open already become quiet, too. Idempotent; never rejects, and does nothing when the queue can't
 * be loaded or is no longer the one that is known here.
 *
 * @param load imports `kafkajs/src/network/requestQueue/index.js`; in the package that depends on kafkajs, because each
 *   copy of kafkajs has a queue of its own
 */
export async function quietRequestQueues(load: () => Promise<unknown>, logger: Logger): Promise<void> {
  const queue = await prototypeBy(load, logger)
  const schedule = queue?.scheduleCheckPendingRequests
  if (queue === undefined || schedule === undefined || mark in schedule) return
  const scheduleUnlessIdle = function (this: RequestQueue): void {
    if (!isIdle(this)) schedule.call(this)
  }
  queue.scheduleCheckPendingRequests = Object.assign(scheduleUnlessIdle, { [mark]: true })
}

async function prototypeBy(load: () => Promise<unknown>, logger: Logger): Promise<RequestQueue | undefined> {
  try {
    return prototypeOf(await load())
  } catch (error) {
    logger.debug(
      'Idle connections to Kafka keep polling: this kafkajs has another layout',
      errorFields(error),
    )
    return undefined
  }
}

function isIdle({ pending, throttledUntil }: RequestQueue): boolean {
  if (!Array.isArray(pending) || typeof throttledUntil !== 'number') return false
  return pending.length === 0 && throttledUntil <= Date.now()
}

/** The prototype of all queues, whichever way the module was loaded. */
function prototypeOf(loaded: unknown): RequestQueue | undefined {
  const { default: exported = loaded } = (loaded ?? {}) as { default?: unknown }
  const { prototype } = (exported ?? {}) as { prototype?: Partial<RequestQueue> }
  return typeof prototype?.scheduleCheckPendingRequests === 'function'
    ? (prototype as RequestQueue)
    : undefined
}
