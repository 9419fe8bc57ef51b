import type { Client } from '@elastic/elasticsearch'
import type { Addresses } from '../harness/addresses.ts'
import { newClient } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'

export interface IndexIds extends Addresses {
  readonly index: string
  readonly from: number
  readonly to: number
  /** So many batches are under way at a time. */
  readonly concurrency: number
}

const batchSize = 1_000
const { signal } = new AbortController()

/** The bare loop: no Kafka, no checks, no retries. Resolves with the milliseconds it took. */
export async function indexIds({ index, from, to, concurrency, ...addresses }: IndexIds): Promise<number> {
  const sequelize = openDatabase(addresses.databaseUrl, Math.max(8, concurrency))
  const client = newClient(addresses)
  const definition = productIndex(index)
  await sequelize.authenticate()
  const startedAt = performance.now()
  let next = from
  const lane = async (): Promise<void> => {
    while (next <= to) {
      const first = next
      next += batchSize
      await indexBatch(client, definition, first, Math.min(to, first + batchSize - 1))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return performance.now() - startedAt
}

async function indexBatch(
  client: Client,
  definition: ReturnType<typeof productIndex>,
  first: number,
  last: number,
): Promise<void> {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
  const products = await definition.load(ids, { signal })
  const operations: (string | object)[] = []
  for (const product of products)
    operations.push(
      JSON.stringify({ index: { _id: product.id } }),
      JSON.stringify(await definition.document(product)),
    )
  const { errors } = await client.bulk({ index: definition.name, operations, filter_path: 'errors' })
  if (errors) throw new Error('Elasticsearch did not take all documents')
}
