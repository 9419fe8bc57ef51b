import { deadLetterTopic, KtError } from '@kt/core'
import { fixedGroups, indexerGroups } from '../groups.ts'
import type { SyncGroup } from '../groups.ts'
import type { SyncParts } from '../parts.ts'
import { redriveGroup } from '../dead-letters.ts'
import { missingTopics } from '../topics.ts'
import { answerOf } from './services.ts'
import type { Service } from './services.ts'

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

/** How the workers are. What a service that is away would know is missing. */
export interface SyncStatus {
  readonly at: Date
  /** The groups of all workers; those of Indexers are known by the search engine, all else by Kafka. */
  readonly groups: readonly GroupStatus[]
  /** The delay in milliseconds: messages of the Delayer that are older are overdue. */
  readonly delayMs: number
  /** How many messages were given up and not put back, by the topic that they came from. */
  readonly deadLetters: readonly { readonly topic: string; readonly open: number }[]
  /** Messages in the outbox that wait for Kafka; undefined without an outbox. */
  readonly outbox: number | undefined
  /** The services that did not answer within 10 seconds, and why. */
  readonly away: readonly { readonly service: Service; readonly message: string }[]
  /** Aliases that no index of this configuration has. */
  readonly missingIndexes: readonly string[]
  readonly missingTopics: readonly string[]
}

/** @throws the error of a service that refuses to answer */
export async function statusOf(parts: SyncParts): Promise<SyncStatus> {
  const { config, topology } = parts
  const away: { readonly service: Service; readonly message: string }[] = []
  const unlessAway = async <T>(service: Service, answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer
    } catch (error) {
      if (!KtError.isInstance(error, 'KT_SERVICE_AWAY')) throw error
      away.push({ service, message: error.message })
      return undefined
    }
  }
  const [indexers, outbox] = await Promise.all([
    unlessAway(
      'search engine',
      answerOf('search engine', () => indexerGroups(parts)),
    ),
    config.outbox && unlessAway('database', answerOf('database', config.outbox.count.bind(config.outbox))),
  ])
  const groups = [...fixedGroups(topology), ...(indexers ?? [])]
  const messages = await unlessAway('Kafka', messagesOf(groups, parts))
  const aliases = new Set(groups.flatMap(({ alias }) => alias ?? []))
  return {
    at: new Date(),
    delayMs: config.delayMs,
    outbox,
    away,
    missingIndexes:
      indexers === undefined
        ? []
        : config.indexes.map(({ name }) => name).filter((name) => !aliases.has(name)),
    ...(messages ?? { groups: [], deadLetters: [], missingTopics: [] }),
  }
}

/** What Kafka knows. */
async function messagesOf(
  groups: readonly SyncGroup[],
  parts: SyncParts,
): Promise<Pick<SyncStatus, 'groups' | 'deadLetters' | 'missingTopics'>> {
  const { config, topology, connections } = parts
  const absent = await answerOf('Kafka', () => missingTopics(config.newKafka, topology.topics))
  const missing = new Set(absent.map(({ topic }) => topic))
  const present = groups.filter(({ topic }) => !missing.has(topic))
  const consumed = topology.topics.filter(({ use }) => use !== 'dead-letters')
  const letterTopics = consumed.filter(({ topic }) => !missing.has(deadLetterTopic(topic)))
  const [ofGroups, deadLetters] = await Promise.all([
    Promise.all(present.map((each) => answerOf('Kafka', () => groupStatus(each, parts)))),
    Promise.all(
      letterTopics.map(async ({ topic }) => {
        const monitor = connections.monitor(deadLetterTopic(topic), redriveGroup(topic))
        const open = await answerOf('Kafka', () => monitor.lag())
        return { topic, open: Number(open) }
      }),
    ),
  ])
  return { groups: ofGroups, deadLetters, missingTopics: [...missing] }
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
