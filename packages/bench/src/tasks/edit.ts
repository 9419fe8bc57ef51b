import { sleep } from '@kt/core/internal'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newProducer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'

export interface Edit extends Addresses {
  readonly topics: { readonly instant: string; readonly delay: string }
  readonly products: number
  /** The price of the first edit that counts. Each later edit has the next price. */
  readonly firstId: number
  readonly count: number
  readonly perSecond: number
  /** Number of warm-up edits before, which do not count. All processes must be running first. */
  readonly warmUpCount: number
}

/** Edits products at a steady rate, with streamed writes. Resolves with the commit time of each edit. */
export async function edit(input: Edit): Promise<number[]> {
  const { topics, products, firstId, count, perSecond, warmUpCount } = input
  const sequelize = openDatabase(input.databaseUrl, 16)
  const updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic: topics.delay })
  updateStream(Product, { updateStreamer, topic: topics.instant })
  await updateStreamer.start()
  const committedAt: number[] = []
  const one = async (number: number): Promise<void> => {
    await sequelize.transaction(async (transaction) => {
      transaction.afterCommit(() => {
        if (number >= 0) committedAt[number] = performance.timeOrigin + performance.now()
      })
      const where = { id: 1 + ((number + warmUpCount) % products) }
      await Product.update({ price: firstId + number }, { where, transaction })
    })
  }
  const startedAt = performance.now()
  const edits: Promise<void>[] = []
  for (let number = -warmUpCount; number < count; number++) {
    await sleep(startedAt + ((number + warmUpCount) * 1_000) / perSecond - performance.now())
    edits.push(one(number))
  }
  await Promise.all(edits)
  await updateStreamer.flush()
  return committedAt
}
