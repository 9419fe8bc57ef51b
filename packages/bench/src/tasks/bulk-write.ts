import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Sequelize } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import type { StreamTopics } from '../harness/stream-topics.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'

export interface BulkWrite extends Addresses {
  readonly count: number
  /** Number of passes, each with an empty table. */
  readonly passes: number
  readonly topics?: StreamTopics
}

/** Milliseconds of each pass. */
export interface BulkWriteTimes {
  readonly bulkCreate: readonly number[]
  readonly update: readonly number[]
}

const chunkSize = 1_000

/** Creates rows in chunks, then updates all of them with one statement. */
export async function bulkWrite(
  input: BulkWrite,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<BulkWriteTimes> {
  const { count, passes, topics } = input
  const sequelize = openDatabase(input.databaseUrl)
  await sequelize.authenticate()
  let updateStreamer: UpdateStreamer | undefined
  if (topics !== undefined) {
    updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic: topics.delay })
    updateStream(Product, { updateStreamer, topic: topics.instant })
    await updateStreamer.start()
  }
  const bulkCreate: number[] = []
  const update: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    await turn()
    await emptyTable(sequelize)
    bulkCreate.push(await timed(() => createRows(count)))
    update.push(await timed(() => Product.update({ price: 5 }, { where: {} })))
    await updateStreamer?.flush()
  }
  return { bulkCreate, update }
}

/** Cleans up and writes out the previous pass's data, so that the next pass does not pay for it. */
async function emptyTable(sequelize: Sequelize): Promise<void> {
  await sequelize.query('TRUNCATE products')
  await sequelize.query('CHECKPOINT')
}

async function createRows(count: number): Promise<void> {
  for (let first = 1; first <= count; first += chunkSize) await Product.bulkCreate(rows(first))
}

function rows(first: number) {
  return Array.from({ length: chunkSize }, (_, index) => ({
    id: first + index,
    name: `Product number ${first + index}`,
    price: index,
    brandId: 1,
  }))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
