import { expect, test } from 'vitest'
import { openStage } from './support/stage.ts'
import type { AnyRecord } from './support/shops.ts'

const file = import.meta.url

const index = {
  attributes: ['id', 'name'],
  include: [{ association: 'city', attributes: ['name'] }],
  document: (shop: AnyRecord): object => ({
    name: shop['name'],
    city: (shop['city'] as AnyRecord | null)?.['name'] ?? null,
  }),
}

test('changes of attributes that no document reads cause no read, no bulk action and no cascade', async () => {
  await using stage = await openStage(file, index)
  const { Shop, City } = stage.models
  const cities = await City.bulkCreate([{ name: 'Bonn' }, { name: 'Ulm' }])
  const shops = await Shop.bulkCreate([{ name: 'Lamps', cityId: cities[0]?.id }, { name: 'Tools' }])
  await stage.whenIndexed()
  const loaded = stage.counted('kt_indexer_loaded_total')
  const cascaded = stage.counted('kt_cascader_messages_total')

  await shops[0]?.update({ parentId: 7 })
  await Shop.update({ parentId: 8 }, { where: {} })
  await Shop.increment({ parentId: 1 }, { where: {} })
  await cities[0]?.update({ countryId: 7 })
  await City.update({ countryId: 8 }, { where: {} })
  await stage.whenIndexed()
  expect(stage.counted('kt_indexer_loaded_total')).toBe(loaded)
  expect(stage.counted('kt_cascader_messages_total')).toBe(cascaded)
  expect(stage.counted('kt_indexer_records_total', 'unread')).toBeGreaterThan(0)

  await shops[1]?.update({ parentId: 9, cityId: cities[1]?.id })
  await cities[0]?.update({ name: 'Bonn am Rhein' })
  await stage.whenIndexed()
  const [lamps, tools] = shops.map(({ id }) => String(id))
  expect(Object.fromEntries(await stage.documents())).toEqual({
    [lamps ?? '']: { name: 'Lamps', city: 'Bonn am Rhein' },
    [tools ?? '']: { name: 'Tools', city: 'Ulm' },
  })

  await cities[1]?.destroy()
  await Shop.destroy({ where: { id: lamps } })
  await stage.whenIndexed()
  expect([...(await stage.documents())]).toEqual([[tools, { name: 'Tools', city: null }]])
})

test('changes in one transaction matter if one of them does', async () => {
  await using stage = await openStage(file, index)
  const { Shop } = stage.models
  const shop = await Shop.create({ name: 'Lamps' })
  await stage.whenIndexed()
  await stage.sequelize.transaction(async (transaction) => {
    await shop.update({ name: 'Lights' }, { transaction })
    await shop.update({ parentId: 7 }, { transaction })
  })
  await stage.whenIndexed()
  expect([...(await stage.documents()).values()]).toEqual([{ name: 'Lights', city: null }])
})

test.each([
  [
    'a trigger',
    `CREATE FUNCTION label() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.name = 'parent ' || NEW."parentId"; RETURN NEW; END $$;
    CREATE TRIGGER label BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION label()`,
  ],
  [
    'a generated column',
    `ALTER TABLE shops DROP COLUMN name;
    ALTER TABLE shops ADD COLUMN name text GENERATED ALWAYS AS ('parent ' || "parentId") STORED`,
  ],
])('does not skip an UPDATE of a table with %s', async (_, sql) => {
  await using stage = await openStage(file, index)
  await stage.sequelize.query(sql)
  const shop = await stage.models.Shop.create({ parentId: 1 })
  await shop.update({ parentId: 7 })
  await stage.whenIndexed()
  expect([...(await stage.documents()).values()]).toEqual([{ name: 'parent 7', city: null }])
})
