import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { differences } from './support/differences.ts'
import { everything, namesOf } from './support/shops.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage(import.meta.url, { include: everything, document: namesOf })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Two shops with everything that a document contains. */
beforeEach(async () => {
  const { Currency, Country, City, Shop, Review, Author, Licence, Tag, ShopTag, Group } = stage.models
  for (const model of [ShopTag, Tag, Group, Review, Author, Licence, Shop, City, Country, Currency])
    await model.destroy({ where: {}, force: true })
  const ids = [1, 2]
  const all = (values: (id: number) => object) => ids.map((id) => ({ id, name: `name ${id}`, ...values(id) }))
  await Currency.bulkCreate(all((id) => ({ code: `C${id}` })))
  await Country.bulkCreate(all((id) => ({ currencyCode: `C${id}` })))
  await City.bulkCreate(all((id) => ({ countryId: id })))
  await Shop.bulkCreate(all((id) => ({ cityId: id })))
  await Author.bulkCreate(all(() => ({})))
  await Review.bulkCreate(all((id) => ({ shopId: id, authorId: id })))
  await Licence.bulkCreate(all((id) => ({ shopId: id })))
  await Group.bulkCreate(all(() => ({})))
  await Tag.bulkCreate(all((id) => ({ groupId: id })))
  await ShopTag.bulkCreate(ids.map((id) => ({ shopId: id, tagId: id })))
  await stage.whenIndexed()
})

const first = { where: { id: 1 } }

test.each<[string, (stage: Stage) => Promise<unknown>]>([
  ['only the parent of an association changed', ({ models }) => models.City.update({ name: 'new' }, first)],
  ['only the child of an association changed', ({ models }) => models.Review.update({ name: 'new' }, first)],
  ['a changed foreign key of the indexed record', ({ models }) => models.Shop.update({ cityId: 2 }, first)],
  ['a changed foreign key of a child', ({ models }) => models.Review.update({ shopId: 2 }, first)],
  ['a renamed parent of a parent', ({ models }) => models.Country.update({ name: 'new' }, first)],
  [
    'a through row that is re-pointed',
    ({ models }) => models.ShopTag.update({ tagId: 2 }, { where: { tagId: 1 } }),
  ],
  ['a through row that is removed', ({ models }) => models.ShopTag.destroy({ where: { tagId: 1 } })],
  ['a soft-deleted parent', ({ models }) => models.City.destroy(first)],
  [
    'a parent that is deleted and restored',
    async ({ models }) => {
      await models.City.destroy(first)
      await models.City.restore(first)
    },
  ],
  [
    'a parent deleted with its children by ON DELETE CASCADE inside bulk',
    async ({ models, sequelize, updateStreamer }) => {
      await sequelize.query(
        'ALTER TABLE reviews ADD FOREIGN KEY ("authorId") REFERENCES authors ON DELETE CASCADE',
      )
      const reviews = await models.Review.findAll({ where: { authorId: 1 } })
      const [author] = await models.Author.findAll(first)
      await updateStreamer.bulk([...reviews, ...(author ? [author] : [])], (transaction) =>
        sequelize.query('DELETE FROM authors WHERE id = 1', { transaction }),
      )
      expect(await models.Review.count()).toBe(1)
    },
  ],
])('%s reaches the documents', async (name, write) => {
  const before = await stage.documents()
  await write(stage)
  expect(await differences(stage)).toEqual([])
  const isUndone = name.includes('restored')
  expect(isDeepStrictEqual(await stage.documents(), before)).toBe(isUndone)
})

test('two children of one parent, changed in parallel and handled by two workers', async () => {
  await using second = stage.newCascades()
  await second.run()
  const { Review } = stage.models
  await Review.update({ shopId: 1 }, { where: {} })
  const rename = (id: number, round: number) => Review.update({ name: `${id}-${round}` }, { where: { id } })
  for (let round = 0; round < 20; round++) await Promise.all([rename(1, round), rename(2, round)])
  expect(await differences(stage)).toEqual([])
})

test('a child inserted 20,000-fold causes few messages for its parent', { timeout: 120_000 }, async () => {
  const { models, counted } = stage
  const before = counted('kt_cascader_messages_total')
  await models.Review.bulkCreate(
    Array.from({ length: 20_000 }, (_, index) => ({ id: 10 + index, name: 'x', shopId: 1, authorId: 1 })),
  )
  expect(await differences(stage)).toEqual([])
  expect(counted('kt_cascader_messages_total') - before).toBeLessThan(100)
})
