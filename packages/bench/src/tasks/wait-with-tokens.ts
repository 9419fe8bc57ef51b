import { IndexMonitor } from '@kt/consumer'
import { sleep } from '@kt/core/internal'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { newKafka, newProducer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'
import type { Edit } from './edit.ts'

export interface WaitWithTokens extends Omit<Edit, 'perSecond'> {
  /** The consumer group of the Indexer. */
  readonly group: string
}

export interface TokenTimes {
  readonly committedAt: readonly number[]
  /** When the wait for the edit had resolved. */
  readonly resolvedAt: readonly number[]
}

/** Pauses between edits, so that nothing of one is under way during the next. */
const pauseMs = 50

/** Edits products one after the other, and waits with a token until each is indexed. */
export async function waitWithTokens(input: WaitWithTokens): Promise<TokenTimes> {
  const { topics, products, firstId, count, warmUpCount, group } = input
  openDatabase(input.databaseUrl, 4)
  const updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic: topics.delay })
  updateStream(Product, { updateStreamer, topic: topics.instant })
  await using monitor = new IndexMonitor({ kafka: newKafka(input), topic: topics.instant, name: group })
  const committedAt: number[] = []
  const resolvedAt: number[] = []
  for (let number = -warmUpCount; number < count; number++) {
    await sleep(pauseMs)
    const where = { id: 1 + ((number + warmUpCount) % products) }
    const token = await updateStreamer.track(async () => {
      await Product.update({ price: firstId + number }, { where })
      if (number >= 0) committedAt.push(now())
      return updateStreamer.token()
    })
    const outcome = await monitor.waitForIndexed(token, { timeoutMs: 30_000 })
    if (outcome !== 'indexed') throw new Error(`An edit is ${outcome}`)
    if (number >= 0) resolvedAt.push(now())
  }
  return { committedAt, resolvedAt }
}

/** In milliseconds of the epoch. */
function now(): number {
  return performance.timeOrigin + performance.now()
}
