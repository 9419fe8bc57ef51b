import { Client } from '@elastic/elasticsearch'
import { silentLogger } from '@kt/core'
import { modelIndex } from '@kt/model-index'
import { DataTypes, Model, Sequelize } from 'sequelize'
import type { ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { createSync, defineConfig } from '../../src/index.ts'
import type { Sync, SyncConfig } from '../../src/index.ts'

class Brand extends Model {
  declare id: number
  declare name: string
}

class Product extends Model {
  declare id: number
  declare name: string
  declare brandId: number | null
  declare brand?: Brand | null
}

/** A shop whose product documents contain the name of the brand. */
export interface Shop extends AsyncDisposable {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly client: Client
  readonly alias: string
  readonly Brand: ModelStatic<Brand>
  readonly Product: ModelStatic<Product>
  readonly config: (more?: Partial<SyncConfig>, version?: number) => SyncConfig
  /** Creates a Sync. It is closed with the shop. */
  readonly newSync: (more?: Partial<SyncConfig>, version?: number) => Sync
  /** The documents that a search finds. */
  readonly documents: () => Promise<readonly unknown[]>
}

export async function openShop(file: string): Promise<Shop> {
  const closers: (() => unknown)[] = []
  const scope = await createTestScope(file)
  closers.push(() => scope.close())
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  closers.push(() => sequelize.close().catch(() => undefined))
  Brand.init({ name: DataTypes.TEXT }, { sequelize, modelName: 'brand' })
  Product.init({ name: DataTypes.TEXT }, { sequelize, modelName: 'product' })
  Product.belongsTo(Brand)
  Brand.hasMany(Product)
  await sequelize.sync()
  const client = new Client({ node: scope.elasticsearchUrl })
  closers.push(() => client.close())
  const alias = scope.index('products')
  const config = (more: Partial<SyncConfig> = {}, version = 1): SyncConfig =>
    defineConfig({
      kafka: () => scope.kafka(),
      search: client,
      sequelize,
      prefix: `${scope.prefix}.`,
      delay: { ms: 2_000 },
      indexes: [
        modelIndex(Product, {
          name: alias,
          version,
          include: 'brand',
          mappings: { dynamic: 'strict', properties: { name: { type: 'text' }, brand: { type: 'keyword' } } },
          settings: { number_of_replicas: 0 },
          document: ({ name, brand }) => ({ name, brand: brand?.name ?? null }),
        }),
      ],
      reindexer: { refreshMs: 200 },
      logger: silentLogger,
      ...more,
    })
  return {
    scope,
    sequelize,
    client,
    alias,
    Brand,
    Product,
    config,
    newSync: (more, version) => {
      const sync = createSync(config(more, version))
      closers.push(() => sync.close())
      return sync
    },
    documents: async () => {
      await client.indices.refresh({ index: alias })
      const { hits } = await client.search({ index: alias, size: 100 })
      return hits.hits.map(({ _source }) => _source)
    },
    [Symbol.asyncDispose]: async () => {
      for (const close of closers.toReversed()) await close()
    },
  }
}
