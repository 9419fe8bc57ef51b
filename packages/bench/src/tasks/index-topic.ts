import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'

export interface IndexTopic extends Addresses {
  readonly topic: string
  readonly index: string
}

/** An Indexer with read tickets works off a topic. Resolves with the milliseconds it took, joining its group included. */
export async function indexTopic({ topic, index, ...addresses }: IndexTopic): Promise<number> {
  const sequelize = openDatabase(addresses.databaseUrl)
  const consumer = newConsumer(addresses)
  const indexer = new Indexer({
    consumer,
    client: newClient(addresses),
    topic,
    name: index,
    index: productIndex(index),
    versions: readTickets(sequelize),
  })
  await sequelize.authenticate()
  const startedAt = performance.now()
  await indexer.run()
  await indexer.whenCaughtUp({ timeoutMs: 900_000 })
  return performance.now() - startedAt
}
