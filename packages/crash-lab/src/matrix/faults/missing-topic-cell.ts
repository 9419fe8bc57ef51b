import { quietKafka, waitFor } from 'testkit'
import type { World } from '../../harness/world.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'
import { timely } from '../timely.ts'

/** Number of delay messages for a topic that doesn't exist. */
const strays = 50

/** How late messages of other topics may be, in addition to the delay, on a busy machine. */
const lateMs = 5_000

const patienceMs = 20_000

/** Delay messages of a deleted topic are mixed with those of other topics. The writer is killed after COMMIT. */
export const missingTopicCell: Cell = {
  name: 'delayer/missing topic/create',
  group: 'delayer/missing topic',
  victim: 'writer',
  where: 'after COMMIT, with delay messages for a topic that is gone',
  writes: 'create',
  fixture: 'seed',
  run,
}

async function run(world: World, base: number): Promise<Passed> {
  const { topics, delayMs } = world.settings
  const { reached } = await world.role('writer').arm('commit.after')
  const writing = world.write({ path: 'create', base, seed: 5 })
  await timely(reached, patienceMs, 'The writer did not commit')
  await world.role('writer').kill()
  await writing
  await addStrays(world)
  const before = await messagesIn(world, topics.cities)
  await waitFor(async () => (await world.differences()).length === 0, {
    what: 'The re-sent change',
    timeoutMs: delayMs + lateMs,
  })
  const convergence = await heal(world)
  const resent = (await messagesIn(world, topics.cities)) - before
  if (resent > 2) throw new Failure(`One delay message was re-sent ${resent} times`)
  return { ...convergence, outcome: 'in time, and once' }
}

async function addStrays({ settings }: World): Promise<void> {
  const producer = quietKafka({ brokers: [...settings.brokers] }).producer()
  await producer.connect()
  const topic = `${settings.topics.cities}.gone`
  const value = JSON.stringify({ payload: { id: 1 }, created_at: Date.now() / 1_000, topic })
  const messages = Array.from({ length: strays }, (_, index) => ({ key: String(index), value }))
  await producer.send({ topic: settings.topics.delay, messages })
  await producer.disconnect()
}

async function messagesIn({ settings }: World, topic: string): Promise<number> {
  const admin = quietKafka({ brokers: [...settings.brokers] }).admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}
