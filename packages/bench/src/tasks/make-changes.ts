import { sleep } from '@kt/core/internal'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Op } from 'sequelize'
import type { Sequelize, Transaction } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newProducer } from '../harness/connections.ts'
import { Brand } from '../model/brand.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'
import { Documents, now } from '../peer/documents.ts'

export interface MakeChanges extends Addresses {
  readonly index: string
  /** The topics for the messages. Without them, nothing is streamed. */
  readonly topics?: { readonly products: string; readonly brands: string; readonly delay: string }
  /** Number of rows changed by one UPDATE. */
  readonly updates: number
  /** Number of products edited, one after the other. */
  readonly edits: number
  /** Number of brands renamed, one after the other. */
  readonly renames: number
}

export interface ChangeTimes {
  /** From the start of the UPDATE until all its rows were indexed. 0 without an UPDATE. */
  readonly updateMs: number
  /** The part of it until the UPDATE had committed. */
  readonly commitMs: number
  /** From each commit until the product, read by its id, had the new value. */
  readonly editMs: readonly number[]
  /** From each commit until all products of the brand had the new name. */
  readonly renameMs: readonly number[]
}

/** No row has this price before. */
const updatedPrice = 1_000_000
const firstEditPrice = 2_000_000
/** Number of warm-up edits before, which do not count. All processes must be running first. */
const warmUpCount = 20
/** Pauses between edits, so that edits hit every phase of a poller's interval. */
const pausesMs = [0, 14, 28, 2, 16, 30, 4, 18, 32, 6, 20, 34, 8, 22, 36, 10, 24, 38, 12, 26]

/** Makes the application's changes. Both sides run the same code, except for the streaming. */
export async function makeChanges(input: MakeChanges): Promise<ChangeTimes> {
  const { topics, index, updates, edits, renames } = input
  const sequelize = openDatabase(input.databaseUrl, 16)
  if (topics !== undefined) {
    const updateStreamer = new UpdateStreamer({ producer: newProducer(input), delayTopic: topics.delay })
    updateStream(Product, { updateStreamer, topic: topics.products })
    updateStream(Brand, { updateStreamer, topic: topics.brands })
    await updateStreamer.start()
  }
  const documents = new Documents(newClient(input), index)
  const update = updates === 0 ? { updateMs: 0, commitMs: 0 } : await updateMany(documents, updates)
  const editMs = edits === 0 ? [] : await editInTurn(sequelize, documents, warmUpCount + edits)
  const renameMs = await renameInTurn(sequelize, documents, renames)
  return { ...update, editMs: editMs.slice(warmUpCount), renameMs }
}

async function updateMany(
  documents: Documents,
  count: number,
): Promise<Pick<ChangeTimes, 'updateMs' | 'commitMs'>> {
  const before = await documents.written()
  const startedAt = now()
  await Product.update({ price: updatedPrice }, { where: { id: { [Op.lte]: count } } })
  const commitMs = now() - startedAt
  return { updateMs: (await documents.untilWritten(count, before, updatedPrice)) - startedAt, commitMs }
}

async function editInTurn(sequelize: Sequelize, documents: Documents, count: number): Promise<number[]> {
  const times: number[] = []
  for (let number = 0; number < count; number++) {
    const id = 1 + number * 17
    const price = firstEditPrice + number
    await sleep(pausesMs[number % pausesMs.length] ?? 0)
    const committedAt = await commit(sequelize, (transaction) =>
      Product.update({ price }, { where: { id }, transaction }),
    )
    times.push((await documents.untilReadable([id], 'price', price)) - committedAt)
  }
  return times
}

async function renameInTurn(sequelize: Sequelize, documents: Documents, count: number): Promise<number[]> {
  const times: number[] = []
  for (let id = 1; id <= count; id++) {
    const products = await Product.findAll({ attributes: ['id'], where: { brandId: id } })
    const name = `Brand ${id}, renamed`
    const committedAt = await commit(sequelize, (transaction) =>
      Brand.update({ name }, { where: { id }, transaction }),
    )
    const ids = products.map((product) => product.id)
    times.push((await documents.untilReadable(ids, 'brand', name)) - committedAt)
  }
  return times
}

/** Resolves with the commit time, in milliseconds of the epoch. */
async function commit(
  sequelize: Sequelize,
  work: (transaction: Transaction) => Promise<unknown>,
): Promise<number> {
  let committedAt = Number.NaN
  await sequelize.transaction(async (transaction) => {
    transaction.afterCommit(() => {
      committedAt = now()
    })
    await work(transaction)
  })
  return committedAt
}
