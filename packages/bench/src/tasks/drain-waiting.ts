import { sleep } from '@kt/core'
import { Indexer } from '@kt/indexer'
import type { Addresses } from '../harness/addresses.ts'
import { newConsumer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'

export interface DrainWaiting extends Addresses {
  readonly topic: string
  readonly group: string
  readonly batchSize: number
}

const bulkMs = 20

/**
 * An Indexer whose search engine takes a fixed time and no CPU. Resolves with when it began and when all was worked
 * off, by itself or by others of its group, in milliseconds of the epoch.
 */
export async function drainWaiting(input: DrainWaiting): Promise<{ from: number; to: number }> {
  const { topic, group, batchSize } = input
  openDatabase(input.databaseUrl)
  const bulk = async ({ operations }: { operations: readonly string[] }): Promise<object> => {
    await sleep(bulkMs)
    return { items: Array.from({ length: operations.length / 2 }, () => ({ index: { status: 200 } })) }
  }
  const indexer = new Indexer({
    consumer: newConsumer(input),
    client: { bulk },
    topic,
    name: group,
    index: productIndex('waiting'),
    batchSize,
  })
  const from = Date.now()
  await indexer.run()
  await indexer.whenCaughtUp({ timeoutMs: 600_000 })
  return { from, to: Date.now() }
}
