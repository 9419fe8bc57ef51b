import { sleep } from '@kt/core/internal'
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

/** The backlog that a worker found, and when it was processed, in milliseconds of the epoch. */
export interface Drained {
  readonly joinedAtMs: number
  /** Messages that its group had not committed when it joined. */
  readonly left: number
  /** When the whole group had committed all messages. */
  readonly doneAtMs: number
}

const bulkMs = 20

/** Runs an Indexer with a simulated search engine. A bulk takes a fixed time and no CPU, one at a time. */
export async function drainWaiting(input: DrainWaiting): Promise<Drained> {
  const { topic, group, batchSize } = input
  openDatabase(input.databaseUrl)
  let before = Promise.resolve()
  const bulk = async ({ operations }: { operations: string }): Promise<object> => {
    before = before.then(() => sleep(bulkMs))
    await before
    // One line for the operation and one for the document.
    const count = operations.trimEnd().split('\n').length / 2
    return { items: Array.from({ length: count }, () => ({ index: { status: 200 } })) }
  }
  const indexer = new Indexer({
    consumer: newConsumer(input),
    client: { bulk },
    topic,
    name: group,
    index: productIndex('waiting'),
    batchSize,
  })
  await indexer.run()
  const left = Number(await indexer.lag())
  const joinedAtMs = Date.now()
  await indexer.whenCaughtUp({ timeoutMs: 600_000 })
  return { joinedAtMs, left, doneAtMs: Date.now() }
}
