import type { Client } from '@elastic/elasticsearch'
import { defineIndex, indexSettings } from '@kt/indexer'
import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import type { RawRecord } from '@kt/sequelize-stream'
import { Product } from './product.ts'

/** Products with the names of their brands, read as plain objects. */
export function productIndex(name: string): IndexDefinition<RawRecord<Product>> {
  return defineIndex({
    ...modelSource(Product, { include: ['brand'], raw: true }),
    name,
    document: ({ id, name, price, brand }) => ({ id, name, price, brand: brand?.name ?? '' }),
  })
}

/** An empty index that does not refresh by itself, so that all sides pay for indexing alone. */
export async function createProductIndex(client: Client, index: string): Promise<void> {
  await client.indices.create({
    index,
    settings: { ...indexSettings, number_of_shards: 1, number_of_replicas: 0, refresh_interval: '-1' },
    mappings: {
      dynamic: 'strict',
      properties: {
        id: { type: 'integer' },
        name: { type: 'text' },
        price: { type: 'integer' },
        brand: { type: 'keyword' },
      },
    },
  })
}
