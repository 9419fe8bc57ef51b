import type { Client } from '@elastic/elasticsearch'
import { sleep } from '@kt/core/internal'
import { defineIndex, indexSettings } from '@kt/indexer'
import type { IndexDefinition } from '@kt/indexer'
import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { modelSource } from '@kt/sequelize-stream'
import type { RawRecord } from '@kt/sequelize-stream'
import { Product } from './product.ts'

const mergesPollMs = 100

/** Products with the names of their brands, read as plain objects. */
export function productIndex(name: string): IndexDefinition<RawRecord<Product>> {
  return defineIndex({
    ...modelSource(Product, { include: ['brand'], raw: true }),
    name,
    document: ({ id, name, price, brand }) => ({ id, name, price, brand: brand?.name ?? '' }),
  })
}

/** Products with their names and those of their brands, and without their prices. */
export function namesIndex(name: string): ModelIndex<Product, object> {
  return modelIndex(Product, {
    name,
    attributes: ['id', 'name'],
    include: [{ association: 'brand', attributes: ['name'] }],
    document: (product) => ({ id: product.id, name: product.name, brand: product.brand?.name ?? '' }),
  })
}

/** The same documents as `productIndex`, of a model index that a Reindexer can build. */
export function brandedIndex(name: string): ModelIndex<Product, object> {
  return modelIndex(Product, {
    name,
    include: ['brand'],
    mappings: { dynamic: 'strict', properties: productProperties },
    settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '-1' },
    document: ({ id, name, price, brand }) => ({ id, name, price, brand: brand?.name ?? '' }),
  })
}

export const productProperties = {
  id: { type: 'integer' },
  name: { type: 'text' },
  price: { type: 'integer' },
  brand: { type: 'keyword' },
} as const

/**
 * Creates an empty index.
 *
 * @param refreshInterval by default there is no automatic refresh, so that all sides pay only for indexing
 */
export async function createProductIndex(
  client: Client,
  index: string,
  refreshInterval = '-1',
): Promise<void> {
  await client.indices.create({
    index,
    settings: {
      ...indexSettings,
      number_of_shards: 1,
      number_of_replicas: 0,
      refresh_interval: refreshInterval,
    },
    mappings: { dynamic: 'strict', properties: productProperties },
  })
}

/**
 * Flushes the index to disk and waits for its merges, so that the next measurement does not pay for them.
 */
export async function settle(client: Client, index: string): Promise<void> {
  await client.indices.flush({ index })
  const merges = async (): Promise<number> =>
    (await client.indices.stats({ index, metric: 'merge' }))._all.total?.merges?.current ?? 0
  while ((await merges()) > 0) await sleep(mergesPollMs)
}
