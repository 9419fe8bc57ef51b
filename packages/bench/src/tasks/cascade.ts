import { sleep } from '@kt/core/internal'
import type { Indexer } from '@kt/indexer'
import { cascades } from '@kt/model-index'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer, newProducer } from '../harness/connections.ts'
import { Brand } from '../model/brand.ts'
import { openDatabase } from '../model/database.ts'
import { namesIndex, settle } from '../model/product-index.ts'
import { productIndexer } from '../model/product-workers.ts'
import { Product } from '../model/product.ts'

export interface Cascade extends Addresses {
  readonly index: string
  readonly topics: {
    readonly products: string
    readonly brands: string
    /** For products whose brand has changed, so that they do not delay edited products. */
    readonly cascaded: string
    readonly delay: string
  }
  /** The renamed brand. It has all products but one, which another brand has. */
  readonly brandId: number
  readonly otherProductId: number
  /** Number of renames. */
  readonly renames: number
}

export interface CascadeTimes {
  /** From each rename until every product of the brand was indexed. */
  readonly renameMs: readonly number[]
  /** From each edit made meanwhile until it was indexed. */
  readonly editMs: readonly number[]
}

const editAfterMs = 500

/** Renames a brand, with an application, a derived cascade and two Indexers in this process. */
export async function cascade(input: Cascade): Promise<CascadeTimes> {
  const { index, topics, brandId, otherProductId } = input
  const sequelize = openDatabase(input.databaseUrl, 16)
  const client = newClient(input)
  const producer = newProducer(input)
  const updateStreamer = new UpdateStreamer({ producer, delayTopic: topics.delay })
  updateStream(Product, { updateStreamer, topic: topics.products })
  updateStream(Brand, { updateStreamer, topic: topics.brands })
  const consumer = newConsumer(input)
  const newIndexer = (topic: string) =>
    productIndexer({ consumer, sequelize, addresses: input, index, topic })
  const edited = newIndexer(topics.products)
  const cascaded = newIndexer(topics.cascaded)
  const derived = cascades(namesIndex(index), {
    consumer,
    producer,
    recordsPerMessage: 500,
    targetTopic: () => topics.cascaded,
  })
  await Promise.all([updateStreamer.start(), edited.run(), cascaded.run(), derived.run()])
  const rename = async (name: string): Promise<void> => {
    await Brand.update({ name }, { where: { id: brandId } })
    await updateStreamer.flush()
  }
  const whenIndexed = async (): Promise<void> => {
    await derived.whenCaughtUp({ timeoutMs: 300_000 })
    await cascaded.whenCaughtUp({ timeoutMs: 300_000 })
  }
  const renameMs: number[] = []
  const editMs: number[] = []
  for (let number = 1; number <= input.renames; number++) {
    const startedAt = performance.now()
    await rename(`Renamed ${number}`)
    const editing = editMeanwhile({ id: otherProductId, price: number + 1 }, updateStreamer, edited)
    await whenIndexed()
    renameMs.push(performance.now() - startedAt)
    editMs.push(await editing)
    await settle(client, index)
  }
  return { renameMs, editMs }
}

async function editMeanwhile<Record>(
  { id, price }: { readonly id: number; readonly price: number },
  updateStreamer: UpdateStreamer,
  indexer: Indexer<Record>,
): Promise<number> {
  await sleep(editAfterMs)
  const startedAt = performance.now()
  await Product.update({ price }, { where: { id } })
  await updateStreamer.flush()
  await indexer.whenCaughtUp({ timeoutMs: 300_000 })
  return performance.now() - startedAt
}
