import { defaultLogger, noopMeter } from '@kt/core'
import { defaultDelayMs, isTopicName, optionChecker } from '@kt/core/internal'
import type { Logger, Meter } from '@kt/core'
import { outbox } from '@kt/sequelize-stream'
import type { ModelClass, Outbox, OutboxOptions } from '@kt/sequelize-stream'
import type { ReindexableIndex } from '@kt/reindexer'
import type { ModelIndex } from '@kt/model-index'
import type { Kafka } from 'kafkajs'
import type { Model, Sequelize } from 'sequelize'
import { isInMemory, kafkaFactory } from './kafka-factory.ts'
import type { AnyModelIndex, KafkaInMemory, SearchEngine, SyncConfig, TopicsConfig } from './config.ts'

/** A model index whose record type nobody needs to know. */
export type ConfiguredIndex = ModelIndex<Model, object> & ReindexableIndex<Model>

export interface ResolvedConfig {
  readonly newKafka: () => Kafka
  /** Kafka in memory, instead. */
  readonly memory: KafkaInMemory | undefined
  readonly search: SearchEngine
  readonly sequelize: Sequelize
  readonly indexes: readonly ConfiguredIndex[]
  readonly previous: readonly ConfiguredIndex[]
  readonly models: readonly ModelClass[]
  readonly prefix: string
  readonly delayMs: number
  readonly delayTopic: string
  readonly topics: Required<Pick<TopicsConfig, 'partitions' | 'delayPartitions'>> &
    Pick<TopicsConfig, 'replicationFactor' | 'retentionMs'>
  /** The most records per second of large cascades. */
  readonly cascadesPerSecond: number
  readonly outbox: Outbox | undefined
  readonly reindexer: NonNullable<SyncConfig['reindexer']>
  readonly logger: Logger
  readonly meter: Meter
}

const check = optionChecker('createSync')

const defaultOutboxWaitMs = 1_000

const names = [
  'kafka',
  'search',
  'sequelize',
  'indexes',
  'previous',
  'models',
  'prefix',
  'delay',
  'topics',
  'cascades',
  'outbox',
  'reindexer',
  'logger',
  'meter',
]

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveConfig(config: SyncConfig): ResolvedConfig {
  check.only('config', config, names)
  const { prefix = '', delay = {}, cascades = {}, outbox: box = false } = config
  const sequelize = check.port('sequelize', config.sequelize, ['query', 'getDialect', 'transaction'])
  if (prefix !== '' && !isTopicName(prefix))
    check.fail(
      'prefix',
      'the beginning of a topic name: letters, digits, dots, underscores and hyphens',
      prefix,
    )
  check.only('delay', delay, ['ms', 'topic'])
  check.only('cascades', cascades, ['recordsPerSecond'])
  check.only('reindexer', config.reindexer ?? {}, [
    'recordsPerSecond',
    'pageSize',
    'refreshMs',
    'indexer',
    'verifier',
  ])
  if (typeof box !== 'boolean' && (typeof box !== 'object' || box === null))
    check.fail('outbox', 'true, false, or the options of an outbox', box)
  const logger = check.port('logger', config.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error'])
  const delayMs = check.integer('delay.ms', delay.ms ?? defaultDelayMs, { min: 100 })
  const indexes = indexesOf('indexes', config.indexes, sequelize)
  checkNames(indexes)
  if (indexes.length === 0 && (config.models ?? []).length === 0)
    check.fail('indexes', 'a list with a model index, unless there are "models" to stream')
  return {
    newKafka: kafkaFactory(config.kafka, logger),
    memory: isInMemory(config.kafka) ? config.kafka : undefined,
    search: searchOf(config),
    sequelize,
    indexes,
    previous: previousOf(config.previous ?? [], indexes, sequelize),
    models: modelsOf(config.models ?? [], sequelize),
    prefix,
    delayMs,
    delayTopic: topicName('delay.topic', delay.topic ?? `${prefix}delay`),
    topics: resolveTopics(config.topics ?? {}),
    cascadesPerSecond: check.integer('cascades.recordsPerSecond', cascades.recordsPerSecond ?? 2_000, {
      min: 1,
    }),
    outbox: box === false ? undefined : outboxOf(sequelize, delayMs, box === true ? {} : box),
    reindexer: config.reindexer ?? {},
    logger,
    meter: check.port('meter', config.meter ?? noopMeter, ['add', 'record']),
  }
}

/** The outbox waits for Kafka for at most a quarter of the delay. */
function outboxOf(sequelize: Sequelize, delayMs: number, options: OutboxOptions): Outbox {
  const mostMs = Math.floor(delayMs / 4)
  if (options.waitMs !== undefined && options.waitMs > mostMs)
    check.fail('outbox.waitMs', 'at most a quarter of "delay.ms"', options.waitMs)
  return outbox(sequelize, { waitMs: Math.min(defaultOutboxWaitMs, mostMs), ...options })
}

/** In memory, nothing but `bulk` is used, and the rest isn't reached. */
function searchOf({ search, kafka }: SyncConfig): SearchEngine {
  const methods = isInMemory(kafka) ? ['bulk'] : ['bulk', 'search', 'mget', 'searchShards']
  return check.port('search', search, methods) as SearchEngine
}

function resolveTopics(topics: TopicsConfig): ResolvedConfig['topics'] {
  check.only('topics', topics, ['partitions', 'delayPartitions', 'replicationFactor', 'retentionMs'])
  const optional = (name: 'replicationFactor' | 'retentionMs'): object =>
    topics[name] === undefined ? {} : { [name]: check.integer(`topics.${name}`, topics[name], { min: 1 }) }
  return {
    partitions: check.integer('topics.partitions', topics.partitions ?? 3, { min: 1 }),
    delayPartitions: check.integer('topics.delayPartitions', topics.delayPartitions ?? 1, { min: 1 }),
    ...optional('replicationFactor'),
    ...optional('retentionMs'),
  }
}

function indexesOf(
  option: string,
  indexes: readonly AnyModelIndex[],
  sequelize: Sequelize,
): readonly ConfiguredIndex[] {
  if (!Array.isArray(indexes)) return check.fail(option, 'a list of model indexes', indexes)
  return indexes.map((index: AnyModelIndex, number) => {
    const each = `${option}[${number}]`
    check.port(each, index, ['load', 'document', 'ids', 'graph', 'database'])
    check.string(`${each}.name`, index.name)
    if (index.model.sequelize !== sequelize)
      check.fail(`${each}.model`, 'a model of the Sequelize instance in the option "sequelize"', index.model)
    // Each index receives the records of its own model alone, which its type says only in `modelIndex`.
    return index as unknown as ConfiguredIndex
  })
}

function isList(value: unknown): boolean {
  return Array.isArray(value)
}

function modelsOf(models: readonly ModelClass[], sequelize: Sequelize): readonly ModelClass[] {
  if (!isList(models)) return check.fail('models', 'a list of models', models)
  for (const [number, model] of models.entries())
    if ((model as { readonly sequelize?: unknown }).sequelize !== sequelize)
      check.fail(`models[${number}]`, 'a model of the Sequelize instance in the option "sequelize"', model)
  return models
}

function checkNames(indexes: readonly ConfiguredIndex[]): void {
  const names = new Set<string>()
  for (const [number, { name }] of indexes.entries()) {
    if (names.has(name)) check.fail(`indexes[${number}].name`, 'a name of its own', name)
    names.add(name)
  }
}

function previousOf(
  previous: readonly AnyModelIndex[],
  indexes: readonly ConfiguredIndex[],
  sequelize: Sequelize,
): readonly ConfiguredIndex[] {
  const resolved = indexesOf('previous', previous, sequelize)
  for (const [number, { name }] of resolved.entries())
    if (!indexes.some((each) => each.name === name))
      check.fail(`previous[${number}].name`, 'the name of one of the indexes', name)
  return resolved
}

function topicName(option: string, name: string): string {
  return isTopicName(name) ? name : check.fail(option, 'a topic name', name)
}
