import { sleep } from '@kt/core/internal'
import { Client } from 'pg'
import { stderrProgress, waitFor } from 'testkit'
import { RoleProcess } from '../../harness/role-process.ts'
import type { World } from '../../harness/world.ts'
import { Failure } from '../../matrix/cell.ts'
import { probeBase } from '../blocks.ts'
import type { Scenario, Stage } from '../scenario.ts'

/** Timed writes per second, in addition to the load. */
const timedPerSecond = 20

/** How long writes are timed while Kafka is up, for comparison. */
const calmMs = 3_000

/** How long a minute of writes may take to drain from the outbox after Kafka is back. */
const drainLimitMs = 30_000

/** How long each stage's outbox took to drain. Undefined if it took too long. */
const drains = new WeakMap<Stage, Promise<number | undefined>>()

/** With an outbox, writes survive the loss of Kafka. None is rejected, and none waits for Kafka. */
export const outboxScenarios: readonly Scenario[] = [
  {
    name: 'kafka-killed-outbox',
    what: (seconds) => `Kafka killed for ${2 * seconds} s, and the writer has an outbox`,
    prepare: ({ world }) => world.recast('writer', new RoleProcess([], { ...process.env, KT_OUTBOX: '1' })),
    disturb: killKafka,
    conclude: isWhole,
  },
]

async function killKafka(stage: Stage): Promise<void> {
  const { services, world, outageMs } = stage
  const before = await timeWrites(world, calmMs)
  await services.kafka.kill()
  const during = await timeWrites(world, 2 * outageMs)
  const waiting = await waitingIn(world)
  await services.kafka.start()
  drains.set(stage, whenEmpty(world))
  const { done } = stage.counts()
  const times = `p95 ${p95(before)} ms before, ${p95(during)} ms during, at most ${p95(during, 1)} ms`
  stderrProgress(`  ${done + during.length} writes, ${times}; ${waiting} messages wait in the outbox`)
  if (waiting < during.length) throw new Failure(`Only ${waiting} messages wait for ${during.length} writes`)
}

async function isWhole(stage: Stage): Promise<void> {
  const drainedMs = await drains.get(stage)
  if (drainedMs === undefined) throw new Failure(`The outbox was not empty after ${drainLimitMs} ms`)
  stderrProgress(`  the outbox was empty ${(drainedMs / 1_000).toFixed(1)} s after Kafka was back`)
  const { rejected } = stage.counts()
  if (rejected.size > 0) throw new Failure(`Writes were rejected: ${[...rejected.keys()].join(', ')}`)
  const waiting = await waitingIn(stage.world)
  if (waiting > 0) throw new Failure(`${waiting} messages are left in the outbox`)
}

/** Times a series of writes, in milliseconds. */
async function timeWrites(world: World, forMs: number): Promise<number[]> {
  const times: number[] = []
  const endAt = performance.now() + forMs
  for (let seed = 0; performance.now() < endAt; seed++) {
    const startedAt = performance.now()
    const outcome = await world.write({ path: 'Model.update', base: probeBase, seed })
    if (outcome.kind !== 'done')
      throw new Failure(`A write failed in spite of the outbox: ${JSON.stringify(outcome)}`)
    times.push(performance.now() - startedAt)
    await sleep(1_000 / timedPerSecond)
  }
  return times
}

function p95(times: readonly number[], share = 0.95): string {
  const sorted = times.toSorted((one, other) => one - other)
  return (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1)
}

/** Resolves with the time it took, or undefined if it took too long. */
async function whenEmpty(world: World): Promise<number | undefined> {
  const startedAt = performance.now()
  const isEmpty = async (): Promise<boolean> => (await waitingIn(world)) === 0
  return waitFor(isEmpty, { timeoutMs: drainLimitMs, intervalMs: 50 }).then(
    () => performance.now() - startedAt,
    () => undefined,
  )
}

async function waitingIn({ settings }: World): Promise<number> {
  const client = new Client({ connectionString: settings.databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ waiting: string }>('SELECT count(*) AS waiting FROM kt_outbox')
    return Number(rows[0]?.waiting)
  } finally {
    await client.end()
  }
}
