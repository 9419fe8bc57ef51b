import { KtError } from '@kt/core'
import type { Broker } from './broker.ts'
import type { Group } from './group.ts'
import type { PartitionWorker } from './partition-worker.ts'
import { nextTurn, startTimeout } from './real-timers.ts'

export interface SettleOptions {
  /**
   * Time-out in real milliseconds, after which it rejects with `KT_CATCH_UP_TIMEOUT`.
   *
   * @defaultValue the `timeoutMs` of `memoryKafka`
   */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Resolves when nothing is left to do that doesn't wait for the clock. What failed before is tried again.
 *
 * @param flush sends messages that are still held back
 * @throws KtError `KT_CATCH_UP_TIMEOUT` and `KT_ABORTED`
 */
export async function settle(
  broker: Broker,
  flush: () => Promise<void>,
  { timeoutMs = broker.options.timeoutMs, signal }: SettleOptions = {},
): Promise<void> {
  const isIdle = (): boolean => allWorkers(broker).every(([worker]) => !worker.isBusy)
  for (const [worker] of allWorkers(broker)) {
    worker.retry()
    worker.wake()
  }
  let isLate = false
  const stopTimeout = startTimeout(timeoutMs, () => {
    isLate = true
  })
  try {
    for (;;) {
      await flush()
      const { activity } = broker
      const outcome = await broker.changes.until(isIdle, { timeoutMs, signal })
      if (outcome === 'aborted') throw new KtError('KT_ABORTED', 'The wait was aborted', { retryable: false })
      if (outcome === 'late' || isLate) throw stillBusy(broker, timeoutMs)
      // A handler, or whoever waits for it, may write another message a moment later.
      await nextTurn()
      if (isIdle() && broker.activity === activity) return
    }
  } finally {
    stopTimeout()
  }
}

/** @throws the error of the first handler that keeps failing */
export function throwFailure(broker: Broker): void {
  for (const [{ failure }] of allWorkers(broker)) if (failure !== undefined) throw failure.error
}

/** When the next pause ends, by the broker's clock. */
export function nextPauseEndMs(broker: Broker): number | undefined {
  const ends = allWorkers(broker).flatMap(([{ pausedUntilMs }]) => pausedUntilMs ?? [])
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function allWorkers(broker: Broker): readonly (readonly [PartitionWorker, Group])[] {
  return Array.from(broker.groups).flatMap((group) => group.workers.map((worker) => [worker, group] as const))
}

function stillBusy(broker: Broker, timeoutMs: number): KtError {
  const busy = allWorkers(broker)
    .filter(([worker]) => worker.isBusy)
    .map(([{ partition }, { name, topic }]) => `"${name}" in "${topic.name}" partition ${partition}`)
  return new KtError(
    'KT_CATCH_UP_TIMEOUT',
    `Messages are still handled or written after ${timeoutMs} ms: ${busy.join(', ') || 'by nobody now'}`,
    { retryable: true },
  )
}
