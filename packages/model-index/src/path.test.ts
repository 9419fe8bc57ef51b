import { Sequelize } from 'sequelize'
import { expect, test } from 'vitest'
import { defineShops, everything } from '../test/support/shops.ts'
import { readGraph } from './path.ts'
import type { Path } from './path.ts'

// It never connects.
const models = defineShops(new Sequelize('postgres://localhost/none', { logging: false }))
const { Shop, City } = models

function describePath({ steps }: Path): string {
  return steps
    .map(({ near, far, holder, foreignKey, key }) =>
      holder === 'near'
        ? `${near.name}.${foreignKey} → ${far.name}.${key}`
        : `${near.name}.${key} ← ${far.name}.${foreignKey}`,
    )
    .join(', ')
}

test('finds a path to each included model and to the rows of a through model', () => {
  const { paths, reads } = readGraph(Shop, { include: everything })
  expect(paths.map(describePath)).toEqual([
    'Shop.cityId → City.id',
    'Shop.cityId → City.id, City.countryId → Country.id',
    'Shop.cityId → City.id, City.countryId → Country.id, Country.currencyCode → Currency.code',
    'Shop.parentId → Shop.id',
    'Shop.parentId → Shop.id, Shop.cityId → City.id',
    'Shop.id ← Review.shopId',
    'Shop.id ← Review.shopId, Review.authorId → Author.id',
    'Shop.id ← Licence.shopId',
    'Shop.id ← ShopTag.shopId',
    'Shop.id ← ShopTag.shopId, ShopTag.tagId → Tag.id',
    'Shop.id ← ShopTag.shopId, ShopTag.tagId → Tag.id, Tag.groupId → Group.id',
  ])
  expect([reads, ...paths.map((path) => path.reads)].every((each) => each === undefined)).toBe(true)
})

test('a document depends on the loaded columns, the keys and deletedAt, and on no others', () => {
  const { paths, reads } = readGraph(Shop, {
    attributes: ['id', 'name'],
    include: [
      {
        association: 'city',
        attributes: ['name'],
        include: [{ association: 'country', attributes: ['currencyCode'] }],
      },
      { association: 'reviews', attributes: ['name'] },
      { association: 'tags', attributes: ['name'], through: { attributes: [] } },
    ],
  })
  expect([...(reads ?? [])]).toEqual(['id', 'name', 'cityId'])
  expect(paths.map((path) => [path.steps.at(-1)?.far.name, [...(path.reads ?? [])]])).toEqual([
    ['City', ['name', 'deletedAt', 'id', 'countryId']],
    ['Country', ['currency', 'id']],
    ['Review', ['name', 'shopId']],
    ['ShopTag', ['shopId', 'tagId']],
    ['Tag', ['name', 'id']],
  ])
})

const city = { association: 'city', attributes: ['name'] }
const scoped = City.scope({ where: { name: 'Bonn' } })

test.each<[string, Parameters<typeof readGraph>[1]]>([
  ['an expression', { attributes: [['UPPER(name)', 'upper']], include: [city] }],
  ['an exclusion', { attributes: { exclude: ['name'] }, include: [city] }],
  ['a name that is no attribute', { attributes: ['constructor'], include: [city] }],
  ['a condition', { attributes: ['name'], where: { '$city.active$': true }, include: [city] }],
  [
    'a condition of an include',
    { attributes: ['name'], include: [{ ...city, where: { name: 'Bonn' } } as object] },
  ],
  ['an order', { attributes: ['name'], include: [{ ...city, order: ['countryId'] } as object] }],
  ['a scope of an included model', { attributes: ['name'], include: [{ ...city, model: scoped }] }],
  ['an include that loads everything', { attributes: ['name'], include: [city, 'licence'] }],
])('with %s, every change of every model matters', (_, query) => {
  const { reads, paths } = readGraph(Shop, query)
  expect([reads, ...paths.map((path) => path.reads)].every((each) => each === undefined)).toBe(true)
})

test.each([
  ['a scope', () => readGraph(scoped, { attributes: ['name'] })],
  [
    'a hook on queries',
    () => {
      const { Group } = defineShops(new Sequelize('postgres://localhost/none', { logging: false }))
      Group.addHook('beforeFind', () => undefined)
      return readGraph(Group, { attributes: ['name'] })
    },
  ],
])('with %s of the indexed model, every change matters', (_, graph) => {
  expect(graph().reads).toBeUndefined()
})

test.each([{ all: true }, { association: 'city', on: {} }])(
  'rejects an include that cannot be traced back: %j',
  (include) => {
    expect(() => readGraph(Shop, { include: [include] })).toThrow(
      expect.objectContaining({ code: 'KT_OPTION_INVALID' }),
    )
  },
)
