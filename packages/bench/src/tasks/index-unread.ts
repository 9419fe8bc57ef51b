import { Indexer } from '@kt/indexer'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { newClient, newConsumer, newProducer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { namesIndex } from '../model/product-index.ts'
import { Product } from '../model/product.ts'
import type { IndexTopic } from './index-topic.ts'

export interface IndexUnread extends IndexTopic {
  readonly delayTopic: string
}

/** Changes the price of all products, which no document contains. Resolves with the reads and bulk requests for it. */
export async function indexUnread(input: IndexUnread): Promise<number> {
  const { topic, delayTopic } = input
  const sequelize = openDatabase(input.databaseUrl)
  await using updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic })
  updateStream(Product, { updateStreamer, topic })
  const index = namesIndex(input.index)
  const client = newClient(input)
  let count = 0
  await using indexer = new Indexer({
    consumer: newConsumer(input),
    client: {
      bulk: (...request: Parameters<typeof client.bulk>) => {
        count++
        return client.bulk(...request)
      },
    },
    topic,
    name: input.index,
    index: {
      ...index,
      load: (ids) => {
        count++
        return index.load(ids)
      },
    },
    versions: readTickets(sequelize),
  })
  await indexer.run()
  await Product.update({ price: 0 }, { where: {} })
  await updateStreamer.flush()
  await indexer.whenCaughtUp({ timeoutMs: 300_000 })
  return count
}
