import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex, settle } from '../model/product-index.ts'

export interface IndexTopic extends Addresses {
  readonly topic: string
  readonly index: string
}

export interface FillIndexes extends Omit<IndexTopic, 'index'> {
  /** They are filled one after the other, each by its own Indexer. */
  readonly indexes: readonly string[]
}

/**
 * Runs an Indexer with read tickets on a topic. Resolves with the milliseconds for each index, including joining the
 * group.
 */
export async function indexTopic(
  { topic, indexes, ...addresses }: FillIndexes,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<number[]> {
  const sequelize = openDatabase(addresses.databaseUrl)
  const client = newClient(addresses)
  await sequelize.authenticate()
  const ms: number[] = []
  for (const index of indexes) {
    await turn()
    await using indexer = new Indexer({
      consumer: newConsumer(addresses),
      client,
      topic,
      name: index,
      index: productIndex(index),
      versions: readTickets(sequelize),
    })
    const startedAt = performance.now()
    await indexer.run()
    await indexer.whenCaughtUp({ timeoutMs: 900_000 })
    ms.push(performance.now() - startedAt)
    await settle(client, index)
  }
  return ms
}
