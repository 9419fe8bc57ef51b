import { Indexer } from '@kt/indexer'
import { readTickets } from '@kt/sequelize-stream'
import { newClient, newConsumer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'
import type { IndexTopic } from './index-topic.ts'

export interface IndexMemory extends IndexTopic {
  readonly count: number
}

export interface MemoryCourse {
  readonly atTenth: number
  readonly atEnd: number
  readonly peak: number
}

const megabyte = 2 ** 20

/** Measures the resident memory of an Indexer, in MB, while it processes a long topic. */
export async function indexMemory(input: IndexMemory): Promise<MemoryCourse> {
  const { topic, index, count } = input
  const sequelize = openDatabase(input.databaseUrl)
  const definition = productIndex(index)
  let loaded = 0
  let peak = 0
  let atTenth: number | undefined
  const indexer = new Indexer({
    consumer: newConsumer(input),
    client: newClient(input),
    topic,
    name: index,
    index: {
      ...definition,
      load: (ids, context) => {
        loaded += ids.length
        const rss = process.memoryUsage.rss() / megabyte
        peak = Math.max(peak, rss)
        if (loaded >= count / 10) atTenth ??= rss
        return definition.load(ids, context)
      },
    },
    versions: readTickets(sequelize),
  })
  await indexer.run()
  await indexer.whenCaughtUp({ timeoutMs: 1_800_000 })
  return { atTenth: atTenth ?? Number.NaN, atEnd: process.memoryUsage.rss() / megabyte, peak }
}
