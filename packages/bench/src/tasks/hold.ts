import { sleep } from '@kt/core/internal'
import { Delayer } from '@kt/delayer'
import type { Addresses } from '../harness/addresses.ts'
import { newConsumer, newProducer } from '../harness/connections.ts'
import { rssMb } from './memory.ts'

export interface Hold extends Addresses {
  /** The delay topic. None of its messages is due. */
  readonly topic: string
  readonly group: string
  readonly forMs: number
}

const settleMs = 5_000

/** Runs a Delayer that only waits. Resolves with its CPU usage in percent of a core, and its memory. */
export async function hold({
  topic,
  group,
  forMs,
  ...addresses
}: Hold): Promise<{ cpuPercent: number; rss: number }> {
  const delayer = new Delayer({
    consumer: newConsumer(addresses),
    producer: newProducer(addresses),
    topic,
    name: group,
    delayMs: 3_600_000,
  })
  await delayer.run()
  await sleep(settleMs)
  const before = process.cpuUsage()
  await sleep(forMs)
  const { user, system } = process.cpuUsage(before)
  return { cpuPercent: (user + system) / 10 / forMs, rss: rssMb() }
}
