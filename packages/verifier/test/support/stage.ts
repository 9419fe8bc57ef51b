import { Client } from '@elastic/elasticsearch'
import { Consumer } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import { Indexer } from '@kt/indexer'
import type { BulkClient } from '@kt/indexer'
import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { Producer } from '@kt/producer'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { Verifier } from '../../src/index.ts'
import type { HealOptions, SearchClient, VerifierOptions } from '../../src/index.ts'

type Product = Model & { readonly id: number; readonly name: string; readonly shelf: string | null }

export interface StageOptions {
  /** Another search engine than Elasticsearch. Its client is closed with the stage. */
  readonly client?: BulkClient & SearchClient & { close(): unknown }
  /** Whether documents are routed by their shelf. */
  readonly isRouted?: boolean
  /** The field of the documents that keeps a hash of their content. */
  readonly contentHash?: string
  readonly shards?: number
}

/** An application with streamed products, their index, and an Indexer. */
export interface Stage extends AsyncDisposable {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly Product: ModelStatic<Product>
  readonly index: ModelIndex<Product, object>
  readonly client: Client
  readonly indexer: Indexer<Product>
  readonly heal: HealOptions
  readonly whenIndexed: () => Promise<void>
  readonly newVerifier: (options?: Partial<VerifierOptions<Product>>) => Verifier<Product>
}

export async function openStage(file: string, options: StageOptions = {}): Promise<Stage> {
  const { isRouted = false, contentHash, shards = 2 } = options
  const closers: (() => unknown)[] = []
  const use = <T extends AsyncDisposable>(resource: T): T => {
    closers.push(() => resource[Symbol.asyncDispose]())
    return resource
  }
  const logger = silentLogger
  const scope = use(await createTestScope(file))
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  closers.push(() => sequelize.close())
  const Product = sequelize.define<Product>('Product', {
    name: DataTypes.TEXT,
    shelf: DataTypes.TEXT,
    isHidden: { type: DataTypes.BOOLEAN, defaultValue: false },
  })
  await sequelize.sync()
  const topic = await scope.createTopic('products', { partitions: 2 })
  await scope.createTopic('products.dead-letter')
  const producer = use(new Producer({ kafka: scope.kafka(), logger }))
  const delayTopic = await scope.createTopic('delay')
  const updateStreamer = use(new UpdateStreamer({ producer, delayTopic, logger }))
  updateStream(Product, { updateStreamer, topic })
  const client = options.client ?? new Client({ node: scope.elasticsearchUrl })
  closers.push(() => client.close())
  const index = modelIndex(Product, {
    name: scope.index('products'),
    where: { isHidden: false },
    mappings: { dynamic: false },
    ...(contentHash !== undefined && { contentHash }),
    document: ({ id, name, shelf }) => {
      if (name === 'unbuildable') throw new Error('no document')
      return { id, name, shelf, length: name.length }
    },
    ...(isRouted && {
      options: (subject, _operation) => ({
        routing: 'shelf' in subject ? (subject.shelf as string) : undefined,
      }),
    }),
  })
  const requests = client as Client
  const settings = { number_of_shards: shards, number_of_replicas: 0, refresh_interval: '-1' }
  await requests.indices.create({
    index: index.name,
    body: { settings, mappings: index.mappings },
  } as never)
  const indexer = use(
    new Indexer<Product>({
      consumer: use(new Consumer({ kafka: () => scope.kafka(), maxWaitMs: 20, logger })),
      client,
      topic,
      name: scope.topic('indexer'),
      index,
      versions: readTickets(sequelize),
      deadLetters: producer,
      logger,
    }),
  )
  await indexer.run()
  return {
    scope,
    sequelize,
    Product,
    index,
    client: requests,
    indexer,
    heal: { producer, topic },
    whenIndexed: async () => {
      await updateStreamer.flush()
      await indexer.whenCaughtUp()
    },
    newVerifier: (more) =>
      new Verifier<Product>({
        index,
        client,
        whenCaughtUp: () => indexer.whenCaughtUp(),
        heal: { producer, topic },
        settleMs: 100,
        logger,
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      for (const close of closers.toReversed()) await close()
    },
  }
}
