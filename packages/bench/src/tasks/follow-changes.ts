import { once } from 'node:events'
import { recordsBy } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newConsumer, newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { brandCascader, productIndexer } from '../model/product-workers.ts'
import { Product } from '../model/product.ts'

export interface FollowChanges extends Addresses {
  readonly index: string
  readonly topics: {
    readonly products: string
    readonly brands: string
    /** For products whose brand has changed, so that they do not delay edited products. */
    readonly cascaded: string
  }
}

/** Runs an application's workers, two Indexers and a Cascader, until it is stopped. */
export async function followChanges(input: FollowChanges, { ready, signal }: TaskControl): Promise<void> {
  const { index, topics } = input
  const sequelize = openDatabase(input.databaseUrl, 16)
  const consumer = newConsumer(input)
  const cascader = brandCascader(newProducer(input), topics.cascaded)
  const newIndexer = (topic: string) =>
    productIndexer({ consumer, sequelize, addresses: input, index, topic })
  await Promise.all([
    newIndexer(topics.products).run(),
    newIndexer(topics.cascaded).run(),
    consumer.consume({ topic: topics.brands, name: `${index}-cascader` }, async (messages, context) => {
      const products = recordsBy(Product, 'brandId', cascader.ids(messages))
      await cascader.import(products, { signal: context.signal })
    }),
  ])
  const stop = once(signal, 'abort')
  ready()
  await stop
}
