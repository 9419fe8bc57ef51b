import { DataTypes } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { describe, expect, it } from 'vitest'
import { modelSource } from '../src/index.ts'
import { bothWaysStage } from './support/both-ways.ts'
import type { Database } from './support/both-ways.ts'

/** Primary keys whose values JavaScript, JSON or Sequelize have no exact form for. */

const { bothWays, rows } = bothWaysStage(import.meta.url)

/** The ids that the source finds of those that messages told. */
async function loaded(model: ModelStatic<Model>, told: readonly string[]): Promise<readonly string[]> {
  const source = modelSource(model)
  const ids = told.map((value) => String((JSON.parse(value) as { readonly id: unknown }).id))
  return (await source.load(ids)).map((record) => source.id(record)).toSorted()
}

describe('infinite dates', () => {
  const tables = `CREATE TABLE rates (until timestamptz PRIMARY KEY, value int, "areaId" int);
    CREATE TABLE days (day date, kind int, PRIMARY KEY (day, kind))`
  const ends = [Infinity, -Infinity, new Date('2024-01-01T00:00:00Z')]
  const ids = ['-Infinity', '2024-01-01T00:00:00.000Z', 'Infinity']
  const told = ids.map((id) => JSON.stringify({ id }))
  let Rate: ModelStatic<Model>

  function define({ define: defineModel }: Database): ModelStatic<Model> {
    const until = { type: DataTypes.DATE, primaryKey: true }
    const areaId = { type: DataTypes.INTEGER, references: { model: 'areas', key: 'id' } }
    return (Rate = defineModel('Rate', { until, value: DataTypes.INTEGER, areaId }))
  }

  it.each<[string, (Rates: ModelStatic<Model>) => Promise<unknown>]>([
    [
      'create',
      async (Rates) => {
        for (const until of ends) await Rates.create({ until, value: 1 })
      },
    ],
    ['bulkCreate', (Rates) => Rates.bulkCreate(ends.map((until) => ({ until, value: 1 })))],
    [
      'upsert',
      async (Rates) => {
        for (const until of ends) await Rates.upsert({ until, value: 1 })
      },
    ],
  ])('%s rejected them', async (_, write) => {
    const {
      plain,
      streamed,
      told: instants,
    } = await bothWays(tables, async (db) => {
      await write(define(db))
      return rows('rates')
    })
    expect(streamed).toEqual(plain)
    expect(instants).toEqual(told)
    expect(await loaded(Rate, instants)).toEqual(ids)
  })

  it.each<[string, (Rates: ModelStatic<Model>) => Promise<unknown>]>([
    ['update', (Rates) => Rates.update({ value: 2 }, { where: { value: 1 } })],
    [
      'save',
      async (Rates) => {
        for (const rate of await Rates.findAll()) await rate.update({ value: 2 })
      },
    ],
    ['destroy', (Rates) => Rates.destroy({ where: { value: 1 } })],
    [
      'destroy a record',
      async (Rates) => {
        for (const rate of await Rates.findAll()) await rate.destroy()
      },
    ],
  ])('%s rejected them', async (name, write) => {
    const filled = `${tables}; INSERT INTO rates VALUES ('infinity', 1), ('-infinity', 1), ('2024-01-01Z', 1)`
    const {
      plain,
      streamed,
      told: instants,
    } = await bothWays(filled, async (db) => {
      await write(define(db))
      return rows('rates')
    })
    expect(streamed).toEqual(plain)
    expect(instants).toEqual(told)
    expect(await loaded(Rate, instants)).toEqual(name.startsWith('destroy') ? [] : ids)
  })

  it('in a part of a key, of dates without a time', async () => {
    const {
      plain,
      streamed,
      told: instants,
    } = await bothWays(tables, async ({ define: defineModel }) => {
      const day = { type: DataTypes.DATEONLY, primaryKey: true }
      const kind = { type: DataTypes.INTEGER, primaryKey: true }
      Rate = defineModel('Day', { day, kind })
      await Rate.bulkCreate([
        { day: Infinity, kind: 1 },
        { day: '2024-01-01', kind: 2 },
      ])
      return rows('days')
    })
    expect(streamed).toEqual(plain)
    expect(instants).toEqual(['{"id":"2024-01-01,2"}', '{"id":"Infinity,1"}'])
    expect(await loaded(Rate, instants)).toEqual(['2024-01-01,2', 'Infinity,1'])
  })

  it('among more rows than are locked at a time', async () => {
    const many = `${tables}; INSERT INTO rates SELECT '2024-01-01Z'::timestamptz + n * interval '1 minute', 1, 5
      FROM generate_series(1, 10000) n; INSERT INTO rates VALUES ('infinity', 1, 5), ('-infinity', 1, 5)`
    const {
      plain,
      streamed,
      told: instants,
    } = await bothWays(many, async (db) => {
      const updated = await define(db).update({ areaId: 6 }, { where: { value: 1 } })
      return [updated, await rows('rates')]
    })
    expect(streamed).toEqual(plain)
    expect(instants).toHaveLength(10_002)
    expect(instants).toContain('{"id":"Infinity","references":{"areaId":[5]}}')
    expect(instants).toContain('{"id":"-Infinity","references":{"areaId":[5]}}')
  })
})
