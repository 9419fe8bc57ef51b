import { deadLetterTopic } from '@kt/core'
import { isTopicName, optionChecker } from '@kt/core/internal'
import { cascadeGroups } from '@kt/model-index'
import type { AnyModel, CascadeGroup, LaneOptions } from '@kt/model-index'
import type { ModelClass } from '@kt/sequelize-stream'
import type { ConfiguredIndex, ResolvedConfig } from './resolve-config.ts'

const check = optionChecker('createSync')

/** What a topic is for. */
export type TopicUse = 'changes' | 'delay' | 'lane' | 'dead-letters'

export interface WantedTopic {
  readonly topic: string
  readonly use: TopicUse
  readonly partitions: number
}

/** A cascade, and the index that it leads to. */
export interface SyncCascade extends CascadeGroup {
  readonly alias: string
}

/** All names that follow from a configuration. */
export interface Topology {
  /** The models that are streamed. */
  readonly models: readonly ModelClass[]
  readonly topicOf: (model: ModelClass) => string
  readonly topics: readonly WantedTopic[]
  readonly delayTopic: string
  /** The consumer group of the Delayers. */
  readonly delayGroup: string
  readonly cascades: readonly SyncCascade[]
  /** Where large cascades wait; undefined without cascades. */
  readonly lane: LaneOptions | undefined
}

/**
 * Derives all names. Does no I/O.
 *
 * @throws KtError `KT_OPTION_INVALID` when an include of an index is wrong
 */
export function topologyOf(config: ResolvedConfig): Topology {
  const { prefix, delayTopic, indexes, cascadesPerSecond: recordsPerSecond } = config
  const topicOf = (model: ModelClass): string => `${prefix}${(model as unknown as AnyModel).tableName}`
  const hasCascades = indexes.some((index) => index.graph().paths.length > 0)
  const lane = hasCascades ? { topic: `${prefix}cascades`, recordsPerSecond } : undefined
  const models = modelsOf(config)
  const topics = topicsOf(config, models.map(topicOf), lane)
  checkTopics(topics)
  return {
    models,
    topicOf,
    topics,
    delayTopic,
    delayGroup: `${delayTopic}_delayer`,
    cascades: indexes.flatMap((index) =>
      cascadeGroups(index, { topic: topicOf, ...(lane && { lane }) }).map((group) => ({
        ...group,
        alias: index.name,
      })),
    ),
    lane,
  }
}

/** @throws KtError `KT_OPTION_INVALID` when Kafka would refuse a name, or two models would share a topic */
function checkTopics(topics: readonly WantedTopic[]): void {
  const seen = new Set<string>()
  for (const { topic } of topics) {
    if (!isTopicName(topic)) check.fail('prefix', `so that "${String(topic)}" is a name that Kafka allows`)
    if (seen.has(topic))
      check.fail(
        'models',
        `in tables of different names, whatever their schemas, and not named like the delay topic or "cascades": "${topic}" would be the topic of two`,
      )
    seen.add(topic)
  }
}

/** The models whose changes reach a document, and those that are streamed for others. */
function modelsOf({ indexes, models }: ResolvedConfig): readonly ModelClass[] {
  return [...new Set([...indexes.flatMap(modelsRead), ...models])]
}

function modelsRead(index: ConfiguredIndex): readonly ModelClass[] {
  const included = index.graph().paths.flatMap(({ steps }) => steps.map(({ far }) => far))
  return [index.model, ...included] as readonly ModelClass[]
}

function topicsOf(
  { delayTopic, topics: { partitions, delayPartitions } }: ResolvedConfig,
  ofModels: readonly string[],
  lane: LaneOptions | undefined,
): readonly WantedTopic[] {
  const consumed: readonly WantedTopic[] = [
    ...ofModels.map((topic) => ({ topic, use: 'changes' as const, partitions })),
    ...(lane ? [{ topic: lane.topic, use: 'lane' as const, partitions }] : []),
    { topic: delayTopic, use: 'delay', partitions: delayPartitions },
  ]
  return [
    ...consumed,
    ...consumed.map(({ topic }) => ({
      topic: deadLetterTopic(topic),
      use: 'dead-letters' as const,
      partitions: 1,
    })),
  ]
}
