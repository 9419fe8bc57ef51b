import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Sequelize, Transaction } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import type { StreamTopics } from '../harness/stream-topics.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'

export type Operation = 'create' | 'update' | 'destroy'

export interface Write extends Addresses {
  readonly operation: Operation
  readonly writers: number
  readonly count: number
  /**
   * Number of warm-up writes, which do not count. Long-running processes are fully compiled. V8 needs 4,000 plain
   * writes for that, and about 12,000 streamed ones, which involve more code.
   */
  readonly warmUpCount: number
  /** The written rows have ids from here on. */
  readonly firstId: number
  /** The topics for the messages. Without them, nothing is streamed, and each write has its own transaction. */
  readonly topics?: StreamTopics
}

type WriteOne = (id: number) => Promise<unknown>

/** Compared processes split their writes into this many parts, and take turns after each. */
const parts = 8

/** Resolves with the milliseconds until the last write has committed and its messages were sent. */
export async function write(input: Write, { turn }: Pick<TaskControl, 'turn'>): Promise<number> {
  const { operation, writers, count, warmUpCount, firstId, topics } = input
  const sequelize = openDatabase(input.databaseUrl, writers)
  const updateStreamer = topics && (await startStreaming(input, topics))
  const all = operations(topics === undefined ? inTransaction(sequelize) : (work) => work({}))
  const writeSome = async (from: number, some: number): Promise<number> => {
    await turn()
    const startedAt = performance.now()
    await inParallel(writers, from, some, all[operation])
    await updateStreamer?.flush()
    return performance.now() - startedAt
  }
  await insertRows(operation, firstId, count + warmUpCount)
  await writeSome(firstId, warmUpCount)
  let ms = 0
  for (let part = 0; part < parts; part++)
    ms += await writeSome(firstId + warmUpCount + part * (count / parts), count / parts)
  return ms
}

async function startStreaming(addresses: Addresses, topics: StreamTopics): Promise<UpdateStreamer> {
  const updateStreamer = new UpdateStreamer({ producer: newProducer(addresses), delayTopic: topics.delay })
  updateStream(Product, { updateStreamer, topic: topics.instant })
  await updateStreamer.start()
  return updateStreamer
}

type Around = (work: (options: { transaction?: Transaction }) => Promise<unknown>) => Promise<unknown>

function inTransaction(sequelize: Sequelize): Around {
  return (work) => sequelize.transaction((transaction) => work({ transaction }))
}

function operations(around: Around): Record<Operation, WriteOne> {
  return {
    create: (id) => around((options) => Product.create(row(id), options)),
    update: (id) =>
      around((options) => Product.build(row(id), { isNewRecord: false }).update({ price: id + 1 }, options)),
    destroy: (id) => around((options) => Product.build(row(id), { isNewRecord: false }).destroy(options)),
  }
}

function row(id: number) {
  return { id, name: `Product number ${id}`, price: id, brandId: 1 }
}

/** Inserts the rows to be updated or destroyed. */
async function insertRows(operation: Operation, firstId: number, count: number): Promise<void> {
  if (operation === 'create') return
  await Product.sequelize?.query(
    `INSERT INTO products SELECT i, 'Product number ' || i, i, 1
     FROM generate_series(${firstId}::int, ${firstId + count - 1}) i`,
  )
}

async function inParallel(writers: number, firstId: number, count: number, one: WriteOne): Promise<void> {
  let next = firstId
  const writer = async (): Promise<void> => {
    while (next < firstId + count) await one(next++)
  }
  await Promise.all(Array.from({ length: writers }, writer))
}
