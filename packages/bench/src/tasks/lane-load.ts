import { cascades } from '@kt/model-index'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newConsumer, newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { Brand } from '../model/brand.ts'
import { openDatabase } from '../model/database.ts'
import { namesIndex } from '../model/product-index.ts'
import { productIndexer } from '../model/product-workers.ts'
import { Product } from '../model/product.ts'

export interface LaneLoad extends Addresses {
  readonly index: string
  readonly topics: {
    readonly products: string
    readonly brands: string
    readonly cascaded: string
    readonly lane: string
    readonly delay: string
  }
  readonly recordsPerSecond: number
}

/** Renames the brand of all products, which a lane works off, until it is stopped. */
export async function laneLoad(input: LaneLoad, { ready, signal }: TaskControl): Promise<void> {
  const { index, topics, recordsPerSecond } = input
  const sequelize = openDatabase(input.databaseUrl, 4)
  const producer = newProducer(input)
  const updateStreamer = new UpdateStreamer({ producer, delayTopic: topics.delay })
  updateStream(Product, { updateStreamer, topic: topics.products })
  updateStream(Brand, { updateStreamer, topic: topics.brands })
  const consumer = newConsumer(input)
  await using cascaded = productIndexer({
    consumer,
    sequelize,
    addresses: input,
    index,
    topic: topics.cascaded,
  })
  await using derived = cascades(namesIndex(index), {
    consumer,
    producer,
    recordsPerMessage: 500,
    targetTopic: () => topics.cascaded,
    lane: { topic: topics.lane, recordsPerSecond },
  })
  await Promise.all([cascaded.run(), derived.run()])
  await Brand.update({ name: 'Renamed' }, { where: { id: 1 } })
  await updateStreamer.flush()
  ready()
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  // The measurement counts only if the lane was busy until its end.
  if ((await derived.lag()) === 0n) throw new Error('The lane was empty before the end')
}
