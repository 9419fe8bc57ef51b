import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { GaugeMeter, Meter, MetricLabels } from '@kt/core'
import type { SyncParts } from '../parts.ts'
import { statusOf } from './status.ts'

const everyMs = 15_000

interface Gauge {
  readonly name: string
  readonly value: number
  readonly labels: MetricLabels
}

/**
 * Sets the gauges of lag, backlog, dead letters and readiness until the signal fires, if the meter takes gauges. While
 * a service is away they keep their values, and `kt_ready` is 0.
 */
export async function reportGauges(
  parts: SyncParts,
  isReady: () => ReadonlyMap<string, boolean>,
  signal: AbortSignal,
): Promise<void> {
  const { meter, logger } = parts.config
  if (!isGaugeMeter(meter)) return
  let before: readonly Gauge[] = []
  for (; !signal.aborted; await sleep(everyMs, signal)) {
    for (const [worker, ready] of isReady()) meter.set('kt_ready', ready ? 1 : 0, { worker })
    try {
      const now = await gaugesOf(parts)
      if (now === undefined) continue
      for (const { name, value, labels } of now) meter.set(name, value, labels)
      // Such as those of an index that was replaced.
      for (const { name, labels } of before.filter((each) => !now.some((other) => isSame(each, other))))
        meter.set(name, 0, labels)
      before = now
    } catch (error) {
      if (!signal.aborted) logger.warn('The gauges could not be set', errorFields(error))
    }
  }
}

/** Returns undefined while a service that knows the groups is away. */
async function gaugesOf(parts: SyncParts): Promise<readonly Gauge[] | undefined> {
  const { groups, deadLetters, away } = await statusOf(parts)
  if (away.some(({ service }) => service !== 'database')) return undefined
  return [
    ...groups.flatMap(({ role, name, topic, lag, oldestAgeMs }) => [
      { name: 'kt_lag_messages', value: lag, labels: { group: name, topic } },
      ...(role === 'delayer'
        ? [
            { name: 'kt_delay_backlog_messages', value: lag, labels: { topic } },
            { name: 'kt_delay_backlog_age_ms', value: oldestAgeMs, labels: { topic } },
          ]
        : []),
    ]),
    ...deadLetters.map(({ topic, open }) => ({ name: 'kt_dead_letters', value: open, labels: { topic } })),
  ]
}

function isSame(one: Gauge, other: Gauge): boolean {
  return one.name === other.name && JSON.stringify(one.labels) === JSON.stringify(other.labels)
}

function isGaugeMeter(meter: Meter): meter is GaugeMeter {
  return 'set' in meter && typeof meter.set === 'function'
}
