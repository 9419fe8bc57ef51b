import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@kt/core'
import { Delayer } from '@kt/delayer'
import { Indexer } from '@kt/indexer'
import { cascades, modelIndex } from '@kt/model-index'
import { readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { onTestFinished } from 'vitest'
import { sqlite3Module } from '../../../sequelize-stream/test/support/sqlite3-module.ts'
import { memoryKafka, memorySearch } from '../../src/index.ts'
import type { MemoryKafka, MemorySearch } from '../../src/index.ts'

interface BrandRecord extends Model {
  id: number
  name: string
}
interface ProductRecord extends Model {
  id: number
  name: string
  brandId: number | null
  brand: BrandRecord | null
}

/** An application: products and their brands, streamed and indexed. */
export interface Shop {
  readonly kafka: MemoryKafka
  readonly search: MemorySearch
  readonly sequelize: Sequelize
  readonly streamer: UpdateStreamer
  readonly Product: ModelStatic<ProductRecord>
  readonly Brand: ModelStatic<BrandRecord>
  readonly indexer: Indexer<ProductRecord>
}

const logger = silentLogger

/** @param database in memory, where all statements share a connection, or a file */
export async function openShop(database: 'memory' | 'file'): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'kt-shop-'))
  const storage = database === 'memory' ? ':memory:' : join(folder, 'shop.db')
  const sequelize = new Sequelize({
    dialect: 'sqlite',
    dialectModule: sqlite3Module,
    storage,
    logging: false,
  })
  if (database === 'file') await sequelize.query('PRAGMA journal_mode = WAL')
  const Brand = sequelize.define<BrandRecord>('Brand', { name: DataTypes.TEXT }, { tableName: 'brands' })
  const Product = sequelize.define<ProductRecord>(
    'Product',
    { name: DataTypes.TEXT, brandId: DataTypes.INTEGER },
    { tableName: 'products' },
  )
  Product.belongsTo(Brand, { as: 'brand', foreignKey: 'brandId' })
  await sequelize.sync()

  const kafka = memoryKafka()
  const search = memorySearch()
  const producer = kafka.producer()
  const consumer = kafka.consumer()
  const streamer = kafka.attach(new UpdateStreamer({ producer, logger }))
  updateStream(Brand, { updateStreamer: streamer })
  updateStream(Product, { updateStreamer: streamer })
  const index = modelIndex(Product, {
    name: 'products',
    include: ['brand'],
    document: ({ name, brand }) => ({ name, brand: brand?.name ?? null }),
  })
  const indexer = new Indexer({
    consumer,
    client: search,
    topic: 'products',
    name: 'products_indexer',
    index,
    deadLetters: producer,
    logger,
    ...(database === 'file' && { versions: readTickets(sequelize) }),
  })
  const delayer = new Delayer({ consumer, producer, topic: 'delay_5m', logger })
  const derived = cascades(index, { consumer, producer, logger })
  await Promise.all([indexer.run(), delayer.run(), derived.run()])
  onTestFinished(async () => {
    await streamer.close()
    await kafka.close()
    await sequelize.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { kafka, search, sequelize, streamer, Product, Brand, indexer }
}
