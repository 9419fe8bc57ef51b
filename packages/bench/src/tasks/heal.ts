import { Delayer } from '@kt/delayer'
import { Indexer } from '@kt/indexer'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer, newProducer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'
import { Product } from '../model/product.ts'

export interface Heal extends Addresses {
  readonly index: string
  readonly topics: { readonly instant: string; readonly delay: string }
  readonly delayMs: number
  /** Number of products changed, each once. */
  readonly count: number
}

const chunkSize = 1_000

/** Changes products without any failure. Resolves with the number of loads until all delay messages had come due. */
export async function heal(input: Heal): Promise<number> {
  const { index, topics, delayMs, count } = input
  const sequelize = openDatabase(input.databaseUrl, 16)
  const producer = newProducer(input)
  const consumer = newConsumer(input)
  const updateStreamer = new UpdateStreamer({ producer, delayTopic: topics.delay, delayMs })
  updateStream(Product, { updateStreamer, topic: topics.instant })
  const definition = productIndex(index)
  let loaded = 0
  const indexer = new Indexer({
    consumer,
    client: newClient(input),
    topic: topics.instant,
    name: index,
    index: {
      ...definition,
      load: (ids, context) => {
        loaded += ids.length
        return definition.load(ids, context)
      },
    },
    versions: readTickets(sequelize),
  })
  const delayer = new Delayer({ consumer, producer, topic: topics.delay, name: `${index}-delayer`, delayMs })
  await Promise.all([updateStreamer.start(), indexer.run(), delayer.run()])
  for (let first = 1; first <= count; first += chunkSize) {
    const id = Array.from({ length: chunkSize }, (_, offset) => first + offset)
    await Product.update({ price: first + 1_000_000 }, { where: { id } })
  }
  await updateStreamer.flush()
  await delayer.whenCaughtUp({ timeoutMs: 600_000 })
  await indexer.whenCaughtUp({ timeoutMs: 600_000 })
  return loaded
}
