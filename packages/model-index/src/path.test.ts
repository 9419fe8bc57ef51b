import { Sequelize } from 'sequelize'
import { expect, test } from 'vitest'
import { defineShops, everything } from '../test/support/shops.ts'
import { readGraph } from './path.ts'
import type { Path } from './path.ts'

// It never connects.
const models = defineShops(new Sequelize('postgres://localhost/none', { logging: false }))
const { Shop, City } = models

function describeWay({ steps }: Path): string {
  return steps
    .map(({ near, far, holder, foreignKey, key }) =>
      holder === 'near'
        ? `${near.name}.${foreignKey} → ${far.name}.${key}`
        : `${near.name}.${key} ← ${far.name}.${foreignKey}`,
    )
    .join(', ')
}

test('there is a way to each included model, and to the rows of a through model', () => {
  const { paths, reads } = readGraph(Shop, { include: everything })
  expect(paths.map(describeWay)).toEqual([
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

test('a document depends on the loaded attributes, the conditions, the keys and deletedAt, and on no others', () => {
  const { paths, reads } = readGraph(Shop, {
    attributes: ['id', 'name'],
    include: [
      { association: 'city', attributes: ['name'], include: [{ association: 'country', attributes: [] }] },
      { association: 'reviews', attributes: ['text'], where: { rating: [4, 5] } },
      { association: 'tags', attributes: ['name'], through: { attributes: [] } },
    ],
  })
  expect([...(reads ?? [])]).toEqual(['id', 'name', 'cityId'])
  expect(paths.map((path) => [path.steps.at(-1)?.far.name, [...(path.reads ?? [])]])).toEqual([
    ['City', ['name', 'deletedAt', 'id', 'countryId']],
    ['Country', ['id']],
    ['Review', ['text', 'rating', 'shopId']],
    ['ShopTag', ['shopId', 'tagId']],
    ['Tag', ['name', 'id']],
  ])
})

test.each([
  ['an expression', { attributes: [['UPPER(name)', 'upper'] as const] }],
  ['an exclusion', { attributes: { exclude: ['name'] } }],
  ['a condition with an operator', { attributes: ['name'], where: { [Symbol('or')]: [] } }],
  ['a condition on an included model', { attributes: ['name'], where: { '$city.name$': 'Bonn' } }],
  ['a condition with an expression', { attributes: ['name'], where: { name: { col: 'id' } } }],
])('any attribute may matter with %s', (_, query) => {
  expect(readGraph(Shop, query).reads).toBeUndefined()
})

test('any attribute may matter where a scope or an order decides which records are included', () => {
  City.addScope('large', { where: { name: 'Berlin' } })
  const { paths } = readGraph(City.scope('large'), {
    include: [{ association: 'country', attributes: ['name'], order: [['name', 'DESC']] } as object],
  })
  expect(readGraph(City.scope('large'), { attributes: ['name'] }).reads).toBeUndefined()
  expect(paths[0]?.reads).toBeUndefined()
})

test('an include that names no association is refused', () => {
  expect(() => readGraph(Shop, { include: [{ all: true } as object] })).toThrow(
    expect.objectContaining({ code: 'KT_OPTION_INVALID' }),
  )
})
