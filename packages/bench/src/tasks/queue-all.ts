import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Op } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newProducer } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'
import { now } from '../peer/documents.ts'

export interface QueueAll extends Addresses {
  readonly topic: string
}

const chunkSize = 5_000

/** Queues the ids of all products. Resolves with the start time, in milliseconds of the epoch. */
export async function queueAll(input: QueueAll): Promise<number> {
  const sequelize = openDatabase(input.databaseUrl)
  const updateStreamer = new UpdateStreamer({ producer: newProducer(input) })
  updateStream(Product, { updateStreamer, topic: input.topic })
  await sequelize.authenticate()
  const startedAt = now()
  let queued: Promise<void> = Promise.resolve()
  let after = 0
  for (;;) {
    const where = { id: { [Op.gt]: after } }
    const products = await Product.findAll({ attributes: ['id'], where, order: ['id'], limit: chunkSize })
    await queued
    if (products.length === 0) return startedAt
    // Kafka acknowledges these while the next are read.
    queued = updateStreamer.queue(products)
    after = products.at(-1)?.id ?? after
  }
}
