import type { Topology } from './config/topology.ts'
import type { SyncParts } from './parts.ts'
import type { Role } from './workers/roles.ts'

/** A consumer group of the workers. */
export interface SyncGroup {
  readonly role: Exclude<Role, 'relay'>
  readonly name: string
  /** The topic that it consumes. */
  readonly topic: string
  /** The alias whose documents an Indexer keeps up to date. */
  readonly alias?: string
  /** The index behind the alias that it writes to. */
  readonly generation?: string
}

/** The groups whose names follow from the configuration. */
export function fixedGroups({ cascades, delayTopic, delayGroup }: Topology): readonly SyncGroup[] {
  const lanes = new Map(cascades.flatMap(({ lane }) => (lane ? [[lane.topic, lane] as const] : [])))
  return [
    { role: 'delayer', name: delayGroup, topic: delayTopic },
    ...[...cascades, ...lanes.values()].map(({ name, topic }) => ({
      role: 'cascades' as const,
      name,
      topic,
    })),
  ]
}

/**
 * The groups that keep the searched indexes up to date. They change with each re-index.
 *
 * @throws the errors of the search client
 */
export async function indexerGroups(parts: SyncParts): Promise<readonly SyncGroup[]> {
  const { config, topology } = parts
  const groups = config.indexes.map(async ({ name: alias, model }) => {
    const generations = await parts.reindexer(alias).generations()
    return generations
      .filter(({ isActive }) => isActive)
      .map(({ group, name }) => ({
        role: 'indexer' as const,
        name: group,
        topic: topology.topicOf(model),
        alias,
        generation: name,
      }))
  })
  return (await Promise.all(groups)).flat()
}
