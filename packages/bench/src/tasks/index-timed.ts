import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import { newClient, newConsumer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'
import type { IndexTopic } from './index-topic.ts'

export interface IndexTimed extends IndexTopic {
  readonly firstId: number
  readonly count: number
}

/**
 * Runs an Indexer until the products from `firstId` on are indexed. Resolves with when each was readable by its id, in
 * milliseconds of the epoch. Elasticsearch answers a bulk request when its documents are readable.
 */
export async function indexTimed(input: IndexTimed): Promise<number[]> {
  const { topic, index, firstId, count } = input
  const sequelize = openDatabase(input.databaseUrl)
  const client = newClient(input)
  const readableAt = new Map<number, number>()
  let finish: () => void
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const note = (body: string): void => {
    const now = performance.timeOrigin + performance.now()
    for (const line of body.trimEnd().split('\n')) {
      const { price } = JSON.parse(line) as { price?: number }
      // The price identifies the edit.
      if (price !== undefined && price >= firstId && !readableAt.has(price)) readableAt.set(price, now)
    }
    if (readableAt.size === count) finish()
  }
  // The client's types do not allow a body that is one string.
  const send = client.bulk.bind(client) as unknown as (params: object, options: object) => Promise<object>
  const bulk = async (params: { operations: string }, options: object): Promise<object> => {
    const answer = await send(params, options)
    note(params.operations)
    return answer
  }
  await using indexer = new Indexer({
    consumer: newConsumer(input),
    client: { bulk },
    topic,
    name: index,
    index: productIndex(index),
    versions: readTickets(sequelize),
  })
  await indexer.run()
  await finished
  return [...readableAt].toSorted(([a], [b]) => a - b).map(([, at]) => at)
}
