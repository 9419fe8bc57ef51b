import { Cascader } from '@kt/cascader'
import type { MessageConsumer, MessageProducer, RecordStream } from '@kt/core'
import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import type { IdentifiedRecord, RawRecord } from '@kt/sequelize-stream'
import type { Sequelize } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newClient } from '../harness/connections.ts'
import { productIndex } from './product-index.ts'
import type { Product } from './product.ts'

/** Sends the ids of the products of changed brands. */
export function brandCascader(producer: MessageProducer, topic: string): Cascader {
  const stream: RecordStream = { topic, payload: (record) => ({ id: (record as IdentifiedRecord).id }) }
  return new Cascader({ name: 'products_of_brands', producer, stream: () => stream, recordsPerMessage: 500 })
}

export interface ProductIndexerOptions {
  readonly consumer: MessageConsumer
  readonly sequelize: Sequelize
  readonly addresses: Pick<Addresses, 'elasticsearchUrl'>
  readonly index: string
  readonly topic: string
}

/** Builds an Indexer for one of several topics with product ids. */
export function productIndexer(options: ProductIndexerOptions): Indexer<RawRecord<Product>> {
  const { consumer, sequelize, addresses, index, topic } = options
  return new Indexer({
    consumer,
    client: newClient(addresses),
    topic,
    name: `${index}-${topic}`,
    index: productIndex(index),
    versions: readTickets(sequelize),
  })
}
