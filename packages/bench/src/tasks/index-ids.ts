import type { Client } from '@elastic/elasticsearch'
import type { FindOptions } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newClient } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { settle } from '../model/product-index.ts'
import { Product } from '../model/product.ts'

export interface IndexIds extends Addresses {
  /** They are filled one after the other. */
  readonly indexes: readonly string[]
  readonly from: number
  readonly to: number
  /** Number of concurrent batches. */
  readonly concurrency: number
}

const batchSize = 1_000

/** A row of the query below. Sequelize gives these names to the columns of included models. */
interface ProductRow {
  readonly id: number
  readonly name: string
  readonly price: number
  readonly 'brand.name': string
}

/**
 * The bare loop, as lean as possible: no Kafka, no checks, no retries, and Sequelize's raw rows. Resolves with the
 * milliseconds for each index.
 */
export async function indexIds(
  { indexes, ...input }: IndexIds,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<number[]> {
  const sequelize = openDatabase(input.databaseUrl, Math.max(8, input.concurrency))
  const client = newClient(input)
  await sequelize.authenticate()
  const ms: number[] = []
  for (const index of indexes) {
    await turn()
    ms.push(await fill(client, index, input))
    await settle(client, index)
  }
  return ms
}

async function fill(
  client: Client,
  index: string,
  { from, to, concurrency }: Omit<IndexIds, 'indexes'>,
): Promise<number> {
  const startedAt = performance.now()
  let next = from
  const lane = async (): Promise<void> => {
    while (next <= to) {
      const first = next
      next += batchSize
      await indexBatch(client, index, first, Math.min(to, first + batchSize - 1))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return performance.now() - startedAt
}

async function indexBatch(client: Client, index: string, first: number, last: number): Promise<void> {
  const ids = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  const query: FindOptions = { where: { id: ids }, include: ['brand'], raw: true }
  const products = (await Product.findAll(query)) as unknown as ProductRow[]
  const operations = products.flatMap(({ id, name, price, 'brand.name': brand }) => [
    JSON.stringify({ index: { _id: id } }),
    JSON.stringify({ id, name, price, brand }),
  ])
  const { errors } = await client.bulk({ index, operations, filter_path: 'errors' })
  if (errors) throw new Error('Elasticsearch rejected some documents')
}
