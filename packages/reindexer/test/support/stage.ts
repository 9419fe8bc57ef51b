import { Client } from '@elastic/elasticsearch'
import { Consumer } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import type { BulkClient } from '@kt/indexer'
import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { Producer } from '@kt/producer'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Verifier } from '@kt/verifier'
import type { SearchClient, VerifyReport } from '@kt/verifier'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { Reindexer } from '../../src/index.ts'
import type { GenerationsClient, ReindexerOptions } from '../../src/index.ts'

export type Product = Model & { readonly id: number; readonly name: string }
export type ProductIndex = ModelIndex<Product, object>

export interface StageOptions {
  /** Another search engine than Elasticsearch. Its client is closed with the stage. */
  readonly client?: BulkClient & SearchClient & GenerationsClient & { close(): unknown }
  /** The number of products that are there before anything is streamed. */
  readonly products?: number
}

/** An application with products that were there before they were streamed, and no index. */
export interface Stage extends AsyncDisposable {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly Product: ModelStatic<Product>
  /** The alias. */
  readonly alias: string
  readonly topic: string
  readonly client: Client
  /** Resolves when all instant messages are in Kafka. */
  readonly flush: () => Promise<void>
  readonly newIndex: (version?: number, mappings?: object) => ProductIndex
  /** Creates a Reindexer. It is closed with the stage. */
  readonly newReindexer: (
    index: ProductIndex,
    options?: Partial<ReindexerOptions<Product>>,
  ) => Reindexer<Product>
  /** Compares an index with the database once. */
  readonly compare: (index: ProductIndex, name?: string) => Promise<VerifyReport>
}

export async function openStage(
  file: string,
  { client: other, products = 300 }: StageOptions = {},
): Promise<Stage> {
  const closers: (() => unknown)[] = []
  const use = <T extends AsyncDisposable>(resource: T): T => {
    closers.push(() => resource[Symbol.asyncDispose]())
    return resource
  }
  const logger = silentLogger
  const scope = use(await createTestScope(file))
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  closers.push(() => sequelize.close())
  const Product = sequelize.define<Product>('Product', { name: DataTypes.TEXT })
  await sequelize.sync()
  await Product.bulkCreate(
    Array.from({ length: products }, (_, number) => ({ name: `Product ${number + 1}` })),
  )
  const topic = await scope.createTopic('products', { partitions: 2 })
  await scope.createTopic('products.dead-letter')
  const producer = use(new Producer({ kafka: scope.kafka(), logger }))
  const delayTopic = await scope.createTopic('delay')
  const updateStreamer = use(new UpdateStreamer({ producer, delayTopic, logger }))
  updateStream(Product, { updateStreamer, topic })
  const client = other ?? new Client({ node: scope.elasticsearchUrl })
  closers.push(() => client.close())
  const alias = scope.index('products')
  const consumer = use(
    new Consumer({ kafka: () => scope.kafka(), sessionTimeoutMs: 6_000, maxWaitMs: 20, logger }),
  )
  const versions = readTickets(sequelize)
  return {
    scope,
    sequelize,
    Product,
    alias,
    topic,
    client: client as Client,
    flush: () => updateStreamer.flush(),
    newIndex: (version = 1, mappings = {}) =>
      modelIndex(Product, {
        name: alias,
        version,
        mappings: { dynamic: false, properties: { id: { type: 'integer' } }, ...mappings },
        settings: { number_of_shards: 2, number_of_replicas: 0 },
        document: ({ id, name }) => {
          if (name === 'unbuildable') throw new Error('no document')
          return { id, name, version }
        },
      }),
    newReindexer: (index, options) =>
      use(
        new Reindexer<Product>({
          index,
          client,
          consumer,
          producer,
          topic,
          versions,
          verifier: { settleMs: 200 },
          refreshMs: 100,
          logger,
          ...options,
        }),
      ),
    compare: (index, name = alias) =>
      new Verifier<Product>({
        index: { ...index, name },
        client,
        settleMs: 500,
        logger,
      }).verify(),
    [Symbol.asyncDispose]: async () => {
      for (const close of closers.toReversed()) await close()
    },
  }
}
