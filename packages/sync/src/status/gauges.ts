import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { Meter, MetricLabels } from '@kt/core'
import type { Worker } from '../workers/roles.ts'
import { statusOf } from './status.ts'
import type { StatusParts } from './status.ts'

/** A meter that also takes gauges, such as those of `@kt/telemetry`. */
interface GaugeMeter extends Meter {
  set(name: string, value: number, labels?: MetricLabels): void
}

const everyMs = 15_000

/** Sets the gauges of lag, backlog, dead letters and readiness until the signal fires, if the meter takes gauges. */
export async function reportGauges(
  parts: StatusParts,
  workers: readonly Worker[],
  signal: AbortSignal,
): Promise<void> {
  const { meter, logger } = parts.config
  if (!isGaugeMeter(meter)) return
  for (; !signal.aborted; await sleep(everyMs, signal)) {
    for (const worker of workers)
      meter.set('kt_ready', worker.isReady() ? 1 : 0, { worker: `${worker.role} ${worker.name}` })
    try {
      await setGauges(parts, meter)
    } catch (error) {
      if (!signal.aborted) logger.debug('The gauges could not be set', errorFields(error))
    }
  }
}

async function setGauges(parts: StatusParts, meter: GaugeMeter): Promise<void> {
  const { groups, deadLetters } = await statusOf(parts)
  for (const { role, name, topic, lag, oldestAgeMs } of groups) {
    meter.set('kt_lag_messages', lag, { group: name, topic })
    if (role !== 'delayer') continue
    meter.set('kt_delay_backlog_messages', lag, { topic })
    meter.set('kt_delay_backlog_age_ms', oldestAgeMs, { topic })
  }
  for (const { topic, open } of deadLetters) meter.set('kt_dead_letters', open, { topic })
}

function isGaugeMeter(meter: Meter): meter is GaugeMeter {
  return 'set' in meter && typeof meter.set === 'function'
}
