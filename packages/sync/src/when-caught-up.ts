import { KtError } from '@kt/core'
import type { CatchUpOptions } from '@kt/core'
import type { SyncCascade } from './config/topology.ts'
import type { Connections } from './connections.ts'
import { indexerGroups } from './groups.ts'
import type { GroupParts } from './groups.ts'

type Wait = Omit<CatchUpOptions, 'ends'>

interface Parts extends GroupParts {
  readonly connections: Connections
}

/**
 * Resolves when the cascades and then the Indexers have handled all that is in their topics now.
 *
 * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_GENERATION_MISSING`, and kafkajs's errors
 */
export async function whenAllCaughtUp(
  parts: Parts,
  { timeoutMs = 60_000, signal, aliases }: Wait & { readonly aliases?: readonly string[] },
): Promise<void> {
  const { connections, topology, config } = parts
  const deadline = Date.now() + timeoutMs
  const left = (): Wait => ({
    timeoutMs: Math.max(0, deadline - Date.now()),
    ...(signal !== undefined && { signal }),
  })
  const names = aliases ?? config.indexes.map(({ name }) => name)
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
  { signal }: Pick<Wait, 'signal'>,
): Promise<void> {
  const workers = await Promise.all(
    groups.map(({ topic, name }) => connections.monitor(topic, name).members()),
  )
  const atWork = groups.filter((_, number) => (workers[number] ?? 0) > 0)
  await cascaded(connections, atWork, () => ({ ...(signal !== undefined && { signal }) }))
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

export function indexMissing(alias: string): KtError {
  return new KtError(
    'KT_GENERATION_MISSING',
    `No index has the alias "${alias}". Create it by "kt apply", or by apply() of the Sync`,
    { retryable: true },
  )
}
