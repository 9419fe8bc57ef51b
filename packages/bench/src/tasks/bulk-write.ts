import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newProducer } from '../harness/connections.ts'
import type { StreamTopics } from '../harness/stream-topics.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'

export interface BulkWrite extends Addresses {
  readonly count: number
  readonly topics?: StreamTopics
}

const chunkSize = 1_000

/** Creates rows in chunks, then updates all of them by one statement. Resolves with the milliseconds of each. */
export async function bulkWrite(input: BulkWrite): Promise<{ bulkCreate: number; update: number }> {
  const { count, topics } = input
  const sequelize = openDatabase(input.databaseUrl)
  await sequelize.authenticate()
  if (topics !== undefined) {
    const updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic: topics.delay })
    updateStream(Product, { updateStreamer, topic: topics.instant })
    await updateStreamer.start()
  }
  const bulkCreate = await timed(async () => {
    for (let first = 1; first <= count; first += chunkSize) await Product.bulkCreate(rows(first))
  })
  const update = await timed(() => Product.update({ price: 5 }, { where: {} }))
  return { bulkCreate, update }
}

function rows(first: number) {
  return Array.from({ length: chunkSize }, (_, index) => ({
    id: first + index,
    name: `Product number ${first + index}`,
    price: index,
    brandId: 1,
  }))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
