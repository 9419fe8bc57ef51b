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
import type { AnyRecord, Shops } from './shops.ts'

type IndexOptions = Omit<ModelIndexOptions<AnyRecord, object>, 'name'>

export interface StageOptions extends IndexOptions {
  readonly lane?: Omit<LaneOptions, 'topic'>
}

/** An application with streamed models, an index of its shops, and the workers that keep it up to date. */
export interface Stage extends AsyncDisposable {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly models: Shops
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

export async function openStage(name: string, { lane, ...options }: StageOptions): Promise<Stage> {
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
  const models = defineShops(sequelize)
  await sequelize.sync()

  const producer = use(new Producer({ kafka: scope.kafka(), logger }))
  for (const { tableName } of Object.values(models)) {
    await scope.createTopic(tableName, { partitions: 2 })
    await scope.createTopic(`${tableName}.dead-letter`)
  }
  const delayTopic = await scope.createTopic('delay')
  const updateStreamer = use(
    new UpdateStreamer({ producer, topicPrefix: `${scope.prefix}.`, delayTopic, logger }),
  )
  for (const model of Object.values(models)) updateStream(model, { updateStreamer })

  const index = modelIndex(models.Shop, { ...options, name: scope.index('shops') })
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
      topic: scope.topic('shops'),
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
      topic: scope.topic('shops'),
      name: scope.topic('indexer'),
      cascades: cascadeGroups(index, lane && { lane: { topic: laneTopic, ...lane } }),
      refresh: () => client.indices.refresh({ index: index.name }),
    }),
  )

  return {
    scope,
    sequelize,
    models,
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
