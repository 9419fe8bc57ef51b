/** As much of kafkajs's queue of requests, of which each connection has one, as is needed. */
interface RequestQueue {
  readonly pending: unknown
  readonly throttledUntil: unknown
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

const quiet = new WeakSet<object>()

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
export async function quietRequestQueues(load: () => Promise<unknown>): Promise<void> {
  const queue = prototypeOf(
    await Promise.resolve()
      .then(load)
      .catch(() => undefined),
  )
  if (queue === undefined || quiet.has(queue)) return
  quiet.add(queue)
  const schedule = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (!isIdle(this)) schedule.call(this)
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
