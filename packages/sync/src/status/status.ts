import { deadLetterTopic } from '@kt/core'
import { fixedGroups, indexerGroups } from '../groups.ts'
import type { SyncGroup } from '../groups.ts'
import type { SyncParts } from '../parts.ts'
import { redriveGroup } from '../dead-letters.ts'
import { missingTopics } from '../topics.ts'

export interface GroupStatus extends SyncGroup {
  /** How many workers it has. */
  readonly members: number
  /** How many messages wait. Those of the Delayer wait until they are due. */
  readonly lag: number
  /** The sum of its committed offsets, to see its progress. */
  readonly position: number
  /** About how long the oldest message has been waiting, in milliseconds. */
  readonly oldestAgeMs: number
}

/** How the workers are. */
export interface SyncStatus {
  readonly at: Date
  readonly groups: readonly GroupStatus[]
  /** The delay in milliseconds: messages of the Delayer that are older are overdue. */
  readonly delayMs: number
  /** How many messages were given up and not put back, by the topic that they came from. */
  readonly deadLetters: readonly { readonly topic: string; readonly open: number }[]
  /** Messages in the outbox that wait for Kafka; undefined without an outbox. */
  readonly outbox: number | undefined
  /** Whether the search engine answered. Otherwise the groups of the Indexers are missing. */
  readonly isSearchReachable: boolean
  /** Aliases that no index of this configuration has. */
  readonly missingIndexes: readonly string[]
  readonly missingTopics: readonly string[]
}

/** @throws the errors of Kafka and of the outbox's database */
export async function statusOf(parts: SyncParts): Promise<SyncStatus> {
  const { config, topology, connections } = parts
  const missing = new Set((await missingTopics(config.newKafka, topology.topics)).map(({ topic }) => topic))
  const indexers = await indexerGroups(parts).catch(() => undefined)
  const groups = [...fixedGroups(topology), ...(indexers ?? [])]
  const consumed = topology.topics.filter(({ use }) => use !== 'dead-letters')
  const letterTopics = consumed.filter(({ topic }) => !missing.has(deadLetterTopic(topic)))
  const [all, deadLetters, outbox] = await Promise.all([
    Promise.all(groups.filter(({ topic }) => !missing.has(topic)).map((each) => groupStatus(each, parts))),
    Promise.all(
      letterTopics.map(async ({ topic }) => {
        const open = await connections.monitor(deadLetterTopic(topic), redriveGroup(topic)).lag()
        return { topic, open: Number(open) }
      }),
    ),
    config.outbox?.count(),
  ])
  const aliases = new Set(groups.flatMap(({ alias }) => alias ?? []))
  return {
    at: new Date(),
    groups: all,
    delayMs: config.delayMs,
    deadLetters,
    outbox,
    isSearchReachable: indexers !== undefined,
    missingIndexes:
      indexers === undefined
        ? []
        : config.indexes.map(({ name }) => name).filter((name) => !aliases.has(name)),
    missingTopics: [...missing],
  }
}

async function groupStatus(group: SyncGroup, { connections }: SyncParts): Promise<GroupStatus> {
  const monitor = connections.monitor(group.topic, group.name)
  const [members, partitions, oldestAgeMs] = await Promise.all([
    monitor.members(),
    monitor.partitions(),
    monitor.oldestAgeMs(),
  ])
  const sum = (values: readonly bigint[]): number => Number(values.reduce((all, each) => all + each, 0n))
  return {
    ...group,
    members,
    lag: sum(partitions.map(({ lag }) => lag)),
    position: sum(partitions.map(({ committed }) => committed)),
    oldestAgeMs,
  }
}
