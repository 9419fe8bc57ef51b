import { DataTypes, Model, Sequelize } from 'sequelize'
import type { Includeable, ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelIndex } from '../src/index.ts'

// The records that `document()` receives.

interface AnyRecord extends Model {
  readonly [name: string]: unknown
}

let scope: TestScope
let sequelize: Sequelize
let Brand: ModelStatic<AnyRecord>
let Product: ModelStatic<AnyRecord>

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  Brand = sequelize.define<AnyRecord>('Brand', { name: DataTypes.TEXT })
  Product = sequelize.define<AnyRecord>('Product', {
    name: { type: DataTypes.TEXT, field: 'label' },
    price: DataTypes.DECIMAL(10, 2),
    stock: DataTypes.BIGINT,
    weight: DataTypes.DOUBLE,
    isNew: DataTypes.BOOLEAN,
    soldAt: DataTypes.DATE,
    day: DataTypes.DATEONLY,
    colours: DataTypes.ARRAY(DataTypes.TEXT),
    details: DataTypes.JSONB,
    image: DataTypes.BLOB,
    title: {
      type: DataTypes.VIRTUAL(DataTypes.TEXT, ['name']),
      get(this: AnyRecord) {
        return `The ${this.getDataValue('name')}`
      },
    },
  })
  Product.belongsTo(Brand, { as: 'brand' })
  Product.hasMany(Product, { as: 'parts', foreignKey: 'wholeId' })
  Object.defineProperty(Product.prototype, 'shout', {
    value(this: AnyRecord) {
      return String(this['name']).toUpperCase()
    },
  })
  await sequelize.sync()
  const brand = await Brand.create({ name: 'Acme' })
  await Product.bulkCreate([
    {
      name: 'Lamp',
      price: '9.90',
      stock: '9007199254740993',
      weight: 0.1,
      isNew: false,
      soldAt: new Date('2026-01-02T03:04:05.678Z'),
      day: '2026-01-02',
      colours: ['red', 'blue'],
      details: { nested: [1, null] },
      image: Buffer.from('x'),
      brandId: brand.get('id'),
    },
    { name: 'Shade', wholeId: 1 },
  ])
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})

/** What a document sees of a product, by many ways to look. */
function look(record: AnyRecord): object {
  return {
    values: Object.keys(Product.rawAttributes).map((name) => [name, record[name]]),
    json: record,
    text: JSON.stringify(record),
    plain: record.get({ plain: true }) as unknown,
    got: record.get<'name'>('name'),
    brand: record['brand'] && [
      (record['brand'] as AnyRecord)['name'],
      (record['brand'] as AnyRecord).toJSON(),
    ],
    parts: (record['parts'] as AnyRecord[] | undefined)?.map((part) => part['name']),
    shout: (record as unknown as { shout(): string }).shout(),
    isProduct: record instanceof Product,
    model: record.constructor === Product,
    isNewRecord: record.isNewRecord,
    changed: record.changed(),
  }
}

test.each<[string, { include?: Includeable[]; attributes?: string[] }]>([
  ['all attributes', {}],
  ['an included parent', { include: ['brand'] }],
  ['included children', { include: ['brand', 'parts'] }],
  ['few attributes', { attributes: ['id', 'name', 'soldAt'], include: ['brand'] }],
  ['a virtual attribute', { attributes: ['id', 'title'] }],
  ['few attributes of the parent', { include: [{ association: 'brand', attributes: ['id', 'name'] }] }],
])('records with %s look like instances', async (_, options) => {
  const index = modelIndex(Product, { name: 'products', document: look, ...options })
  const found = await index.load(['1', '2'])
  const expected = await Product.findAll({ where: { id: [1, 2] }, order: ['id'], ...options })
  const byId = found.toSorted((a, b) => Number(index.id(a)) - Number(index.id(b)))
  const both = [byId, expected].map((records) => records.map((record) => look(record)))
  expect(JSON.parse(JSON.stringify(both[0]))).toEqual(JSON.parse(JSON.stringify(both[1])))
  for (const [at, record] of byId.entries())
    for (const name of ['soldAt', 'image', 'details', 'colours', 'stock', 'price'])
      expect(record[name]).toEqual(expected[at]?.[name])
})

test('a key that is not among the attributes is there for methods', async () => {
  const index = modelIndex(Product, {
    name: 'products',
    attributes: ['name'],
    document: (product) => ({ id: product.get<'id'>('id') }),
  })
  const [record] = await index.load(['1'])
  expect(record && index.document(record)).toEqual({ id: 1 })
})

test.each([{ unscoped: true }, { unscoped: false }])(
  'records of a parent that its default scope hides are there if the include says so: %j',
  async ({ unscoped }) => {
    const Hidden = sequelize.define<AnyRecord>(
      'Brand',
      { name: DataTypes.TEXT },
      { defaultScope: { where: { name: 'none' } } },
    )
    const Item = sequelize.define<AnyRecord>('Product', { name: { type: DataTypes.TEXT, field: 'label' } })
    Item.belongsTo(Hidden, { as: 'brand', foreignKey: 'brandId' })
    const include = unscoped ? [{ model: Hidden.unscoped(), as: 'brand' }] : [{ model: Hidden, as: 'brand' }]
    const index = modelIndex(Item, { name: 'items', include, document: () => ({}) })
    const found = await index.load(['1'])
    const expected = await Item.findAll({ where: { id: 1 }, include })
    expect(JSON.stringify(found)).toBe(JSON.stringify(expected))
    expect(found).toHaveLength(unscoped ? 1 : 0)
  },
)

test('a model that reads its attributes in its own way does so', async () => {
  class Translated extends Model {}
  Object.defineProperty(Translated.prototype, 'get', {
    value(this: Model, name: string) {
      const value: unknown = Model.prototype.get.call(this, name)
      return typeof value === 'string' ? value.toUpperCase() : value
    },
  })
  Translated.init({ name: { type: DataTypes.TEXT, field: 'label' } }, { sequelize, modelName: 'Product' })
  const index = modelIndex(Translated, { name: 'products', document: () => ({}) })
  const [record] = await index.load(['1'])
  expect((record as AnyRecord | undefined)?.['name']).toBe('LAMP')
})

test('no instances are built as long as documents read plain values', async () => {
  const build = Product.build.bind(Product)
  let built = 0
  Object.defineProperty(Product, 'build', {
    configurable: true,
    value: (...args: Parameters<typeof build>) => {
      built++
      return build(...args)
    },
  })
  try {
    const index = modelIndex(Product, {
      name: 'products',
      include: ['brand'],
      document: (product) => ({
        name: product['name'],
        brand: (product['brand'] as AnyRecord | null)?.['name'],
      }),
    })
    const documents = (await index.load(['1', '2'])).map((record) => index.document(record))
    expect(documents).toEqual(
      expect.arrayContaining([
        { name: 'Lamp', brand: 'Acme' },
        { name: 'Shade', brand: undefined },
      ]),
    )
    expect(built).toBe(0)
  } finally {
    Reflect.deleteProperty(Product, 'build')
  }
})

test('getters and hooks of the model apply', async () => {
  const Secret = sequelize.define<AnyRecord>(
    'Product',
    {
      name: {
        type: DataTypes.TEXT,
        field: 'label',
        get(this: AnyRecord) {
          return String(this.getDataValue('name')).length
        },
      },
    },
    { hooks: { afterFind: () => undefined } },
  )
  const index = modelIndex(Secret, { name: 'secrets', attributes: ['id', 'name'], document: () => ({}) })
  const [record] = await index.load(['1'])
  expect(record?.['name']).toBe(4)
})
