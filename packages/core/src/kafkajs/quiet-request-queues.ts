/** As much of kafkajs's queue of requests, of which each connection has one, as is needed. */
interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

const quiet = new WeakSet<object>()

/**
 * Mends kafkajs 2.2.4, which looks every millisecond, on each connection and for ever, whether requests are pending
 * (tulios/kafkajs#1704). A worker that only waits would spend most of its CPU time on that. There is nothing to look for
 * while nothing is pending: a request that has to wait asks for the look itself. Idempotent.
 *
 * @param load `require` of the package that depends on kafkajs, so that it is that package's kafkajs which is mended
 */
export function quietRequestQueues(load: (id: string) => unknown): void {
  const queues = requestQueues(load)
  if (queues === undefined || quiet.has(queues)) return
  quiet.add(queues)
  const schedule = queues.scheduleCheckPendingRequests
  queues.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}

/** What all queues inherit from; undefined when a later kafkajs has it elsewhere, or otherwise. */
function requestQueues(load: (id: string) => unknown): RequestQueue | undefined {
  try {
    const found = load('kafkajs/src/network/requestQueue') as { prototype?: RequestQueue }
    return typeof found.prototype?.scheduleCheckPendingRequests === 'function' ? found.prototype : undefined
  } catch {
    return undefined
  }
}
