import { Client } from '@elastic/elasticsearch'
import { Consumer, IndexMonitor } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import type { Meter } from '@kt/core'
import { Indexer } from '@kt/indexer'
import { Producer } from '@kt/producer'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Sequelize } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { cascadeGroups, cascades, modelIndex } from '../../src/index.ts'
import type { Cascades, LaneOptions, ModelIndexOptions } from '../../src/index.ts'
import { defineShops } from './shops.ts'
import type { AnyModel, AnyRecord, Shops } from './shops.ts'

type IndexOptions = Omit<ModelIndexOptions<AnyRecord, object>, 'name'>

/** Models, of which one has an index. */
export interface Setting<Models = Readonly<Record<string, AnyModel>>> {
  readonly models: Models
  readonly indexed: AnyModel
  readonly query: IndexOptions
}

interface WorkerOptions {
  readonly lane?: Omit<LaneOptions, 'topic'>
}

/** An application with streamed models, an index of one of them, and the workers that keep it up to date. */
export interface Stage<S extends Setting<object> = Setting<Shops>> extends AsyncDisposable {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly setting: S
  readonly models: S['models']
  readonly updateStreamer: UpdateStreamer
  readonly indexer: Indexer<AnyRecord>
  readonly derived: Cascades
  /** Creates the same cascades as in another process. */
  readonly newCascades: () => Cascades
  readonly monitor: IndexMonitor
  /** Reads one document by its id, also before a refresh. */
  readonly document: (id: number) => Promise<unknown>
  /** Resolves when all changes so far are in the index. */
  readonly whenIndexed: () => Promise<void>
  /** The documents by id. */
  readonly documents: () => Promise<ReadonlyMap<string, unknown>>
  /** Returns the sum of a counter over all labels, or over one outcome. */
  readonly counted: (name: string, outcome?: string) => number
}

/** Opens a stage with an index of shops. */
export function openStage(name: string, { lane, ...query }: IndexOptions & WorkerOptions): Promise<Stage> {
  const define = (sequelize: Sequelize): Setting<Shops> => {
    const models = defineShops(sequelize)
    return { models, indexed: models.Shop, query }
  }
  return openStageOf(name, define, lane && { lane })
}

export async function openStageOf<S extends Setting<object>>(
  name: string,
  define: (sequelize: Sequelize) => S,
  { lane }: WorkerOptions = {},
): Promise<Stage<S>> {
  const closers: (() => Promise<unknown>)[] = []
  const use = <T extends AsyncDisposable>(resource: T): T => {
    closers.push(async () => resource[Symbol.asyncDispose]())
    return resource
  }
  const counts = new Map<string, number>()
  const meter: Meter = {
    add: (counter, value, labels) => {
      for (const key of [counter, `${counter} ${labels?.['outcome']}`])
        counts.set(key, (counts.get(key) ?? 0) + value)
    },
    record: () => undefined,
  }
  const logger = silentLogger
  const scope = use(await createTestScope(name))
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  closers.push(() => sequelize.close())
  const setting = define(sequelize)
  const models: readonly AnyModel[] = Object.values(setting.models)
  const { tableName } = setting.indexed
  await sequelize.sync()

  const producer = use(new Producer({ kafka: scope.kafka(), logger }))
  for (const model of models) {
    await scope.createTopic(model.tableName, { partitions: 2 })
    await scope.createTopic(`${model.tableName}.dead-letter`)
  }
  const delayTopic = await scope.createTopic('delay')
  const updateStreamer = use(
    new UpdateStreamer({ producer, topicPrefix: `${scope.prefix}.`, delayTopic, logger }),
  )
  for (const model of models) updateStream(model, { updateStreamer })

  const index = modelIndex(setting.indexed, { ...setting.query, name: scope.index(tableName) })
  await scope.elasticsearch.indices.create({ index: index.name, mappings: { dynamic: false } })
  const consumer = use(new Consumer({ kafka: () => scope.kafka(), maxWaitMs: 20, logger }))
  const client = new Client({ node: scope.elasticsearchUrl })
  closers.push(() => client.close())
  const laneTopic = await scope.createTopic('lane', { partitions: 2 })
  await scope.createTopic('lane.dead-letter')
  const newCascades = (): Cascades =>
    use(
      cascades(index, {
        consumer: use(new Consumer({ kafka: () => scope.kafka(), maxWaitMs: 20, logger })),
        producer,
        ...(lane !== undefined && { lane: { topic: laneTopic, ...lane } }),
        logger,
        meter,
      }),
    )
  const derived = newCascades()
  const indexer = use(
    new Indexer({
      consumer,
      client,
      topic: scope.topic(tableName),
      name: scope.topic('indexer'),
      index,
      versions: readTickets(sequelize),
      deadLetters: producer,
      logger,
      meter,
    }),
  )
  await Promise.all([derived.run(), indexer.run()])
  const monitor = use(
    new IndexMonitor({
      kafka: scope.kafka(),
      topic: scope.topic(tableName),
      name: scope.topic('indexer'),
      cascades: cascadeGroups(index, lane && { lane: { topic: laneTopic, ...lane } }),
      refresh: () => client.indices.refresh({ index: index.name }),
    }),
  )

  return {
    scope,
    sequelize,
    setting,
    models: setting.models,
    updateStreamer,
    indexer,
    derived,
    newCascades,
    monitor,
    document: async (id) => {
      const { docs } = await client.mget<object>({ index: index.name, ids: [String(id)] })
      const [found] = docs
      return found !== undefined && '_source' in found ? found._source : undefined
    },
    whenIndexed: async () => {
      await updateStreamer.flush()
      await derived.whenCaughtUp()
      await indexer.whenCaughtUp()
    },
    documents: async () => {
      await scope.elasticsearch.indices.refresh({ index: index.name })
      const { hits } = await scope.elasticsearch.search({ index: index.name, size: 1_000 })
      return new Map(hits.hits.map(({ _id = '', _source }) => [_id, _source]))
    },
    counted: (counter, outcome) => counts.get(outcome === undefined ? counter : `${counter} ${outcome}`) ?? 0,
    [Symbol.asyncDispose]: async () => {
      for (const close of closers.toReversed()) await close()
    },
  }
}
