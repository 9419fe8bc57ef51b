import { KtError } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { CatchUpOptions } from '@kt/core'
import type { SyncCascade } from './config/topology.ts'
import type { Connections } from './connections.ts'
import { indexerGroups } from './groups.ts'
import { indexMissing } from './index-missing.ts'
import type { SyncParts } from './parts.ts'

type Wait = Omit<CatchUpOptions, 'ends'>

const defaultTimeoutMs = 60_000
const outboxPollMs = 200

/**
 * Resolves when the outbox is empty, and then the cascades and then the Indexers have handled all that is in their topics.
 *
 * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_GENERATION_MISSING`, and kafkajs's errors
 */
export async function whenAllCaughtUp(
  parts: SyncParts,
  { aliases, ...options }: Wait & { readonly aliases?: readonly string[] },
): Promise<void> {
  const { connections, topology, config } = parts
  if (config.memory !== undefined) return config.memory.whenCaughtUp()
  const left = remaining(options)
  const names = aliases ?? config.indexes.map(({ name }) => name)
  await whenOutboxIsEmpty(parts, left)
  await cascaded(
    connections,
    topology.cascades.filter(({ alias }) => names.includes(alias)),
    left,
  )
  const groups = (await indexerGroups(parts)).filter(({ alias = '' }) => names.includes(alias))
  const missing = names.find((name) => !groups.some(({ alias }) => alias === name))
  if (missing !== undefined) throw indexMissing(missing)
  await Promise.all(groups.map(({ topic, name }) => connections.monitor(topic, name).whenCaughtUp(left())))
}

/**
 * Resolves when the cascades have handled all that is in their topics. Those without any worker are passed over: before
 * the first start of the workers, nothing would ever handle it.
 *
 * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and kafkajs's errors
 */
export async function whenCascaded(
  connections: Connections,
  groups: readonly SyncCascade[],
  options: Wait,
): Promise<void> {
  const workers = await Promise.all(
    groups.map(({ topic, name }) => connections.monitor(topic, name).members()),
  )
  const running = groups.filter((_, number) => (workers[number] ?? 0) > 0)
  await cascaded(connections, running, remaining(options))
}

async function cascaded(
  connections: Connections,
  groups: readonly SyncCascade[],
  left: () => Wait,
): Promise<void> {
  await Promise.all(groups.map(({ topic, name }) => connections.monitor(topic, name).whenCaughtUp(left())))
  const lanes = new Map(groups.flatMap(({ lane }) => (lane ? [[lane.topic, lane] as const] : [])))
  for (const { topic, name } of lanes.values()) {
    const lane = connections.monitor(topic, name)
    // The worker of a lane puts the rest of a cascade back into the topic.
    while ((await lane.lag()) > 0n) await lane.whenCaughtUp(left())
  }
}

async function whenOutboxIsEmpty({ config: { outbox } }: SyncParts, left: () => Wait): Promise<void> {
  if (outbox === undefined) return
  while ((await outbox.count()) > 0) await sleep(outboxPollMs, left().signal)
}

/**
 * Returns a function that returns what is left of a wait.
 *
 * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`
 */
function remaining({ timeoutMs = defaultTimeoutMs, signal }: Wait): () => Wait {
  const deadline = Date.now() + timeoutMs
  return () => {
    if (signal?.aborted === true)
      throw new KtError('KT_ABORTED', 'whenCaughtUp was aborted', { retryable: false })
    const leftMs = deadline - Date.now()
    if (leftMs <= 0)
      throw new KtError(
        'KT_CATCH_UP_TIMEOUT',
        `Not all changes were indexed within ${timeoutMs} ms. See "kt status" for what waits`,
        { retryable: true },
      )
    return { timeoutMs: leftMs, ...(signal !== undefined && { signal }) }
  }
}
