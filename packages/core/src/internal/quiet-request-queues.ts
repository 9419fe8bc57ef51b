import { errorFields } from '../errors/error-fields.ts'
import type { Logger } from '../ports/logger.ts'

/** The parts of kafkajs's request queue, one per connection, that are used here. */
interface RequestQueue {
  readonly pending: unknown
  readonly throttledUntil: unknown
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

/** Marks the replaced method, so that other copies of this package recognise it. */
const mark = Symbol.for('@kt/core/quietRequestQueues')

/**
 * Fixes kafkajs 2.2.4, in which each open connection checks every millisecond whether requests are pending
 * (tulios/kafkajs#1704). An idle worker would spend most of its CPU time on that. While nothing is pending there is
 * nothing to check, and a request that has to wait schedules the check itself.
 *
 * Open connections become quiet, too. Idempotent; never rejects. Does nothing when the queue can't be loaded or differs
 * from the known one.
 *
 * @param load imports `kafkajs/src/network/requestQueue/index.js`. Pass it from the package that depends on kafkajs,
 *   because each copy of kafkajs has its own queue
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
      'Idle connections to Kafka keep polling, because this version of kafkajs has a different layout',
      errorFields(error),
    )
    return undefined
  }
}

function isIdle({ pending, throttledUntil }: RequestQueue): boolean {
  if (!Array.isArray(pending) || typeof throttledUntil !== 'number') return false
  return pending.length === 0 && throttledUntil <= Date.now()
}

/** The prototype of all queues, however the module was loaded. */
function prototypeOf(loaded: unknown): RequestQueue | undefined {
  const { default: exported = loaded } = (loaded ?? {}) as { default?: unknown }
  const { prototype } = (exported ?? {}) as { prototype?: Partial<RequestQueue> }
  return typeof prototype?.scheduleCheckPendingRequests === 'function'
    ? (prototype as RequestQueue)
    : undefined
}
