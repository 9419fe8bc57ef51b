import { createRequire } from 'node:module'
import { DataTypes, literal } from 'sequelize'
import type { Model, ModelStatic, Transaction } from 'sequelize'
import { describe, expect, it, onTestFinished } from 'vitest'
import { modelSource, recordsBy } from '../src/index.ts'
import { bothWaysStage, outcome } from './support/both-ways.ts'
import type { Database } from './support/both-ways.ts'

/** Primary keys whose values have no exact form in JavaScript, JSON or Sequelize. */

const { bothWays, rows } = bothWaysStage(import.meta.url)

/** Returns the ids from messages that the source finds. */
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
    ['increment', (Rates) => Rates.increment('value', { where: {} })],
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

  it('were rejected in a part of a key with dates without a time', async () => {
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

  it('were rejected among more rows than are locked at a time', async () => {
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

describe('microseconds in a DATE key', () => {
  const at = '2024-01-01T00:00:00.123456Z'
  const tables = `CREATE TABLE readings (at timestamptz DEFAULT '${at}' PRIMARY KEY, value int, "siteId" int)`
  const filled = `${tables}; INSERT INTO readings VALUES ('${at}', 1, 7), ('2024-01-01T00:00:00.124Z', 2, 7)`
  const id = '2024-01-01T00:00:00.123Z'
  let Reading: ModelStatic<Model>

  function define({ define: defineModel }: Database, isCustom = false): ModelStatic<Model> {
    return (Reading = defineModel(
      'Reading',
      {
        at: { type: DataTypes.DATE, primaryKey: true, defaultValue: literal('DEFAULT') },
        value: DataTypes.INTEGER,
        siteId: { type: DataTypes.INTEGER, references: { model: 'sites', key: 'id' } },
      },
      isCustom
        ? {
            payload: (each) => ({ id: (each.get('at') as Date).toISOString(), has: Object.keys(each.get()) }),
          }
        : {},
    ))
  }

  it.each<[string, string, (Readings: ModelStatic<Model>) => Promise<unknown>]>([
    ['create', tables, (Readings) => Readings.create({ value: 1 })],
    ['bulkCreate', tables, (Readings) => Readings.bulkCreate([{ value: 1 }])],
    ['update', filled, (Readings) => Readings.update({ value: 3 }, { where: { value: 1 } })],
    ['increment', filled, (Readings) => Readings.increment('value', { where: { value: 1 } })],
    [
      'update of a foreign key',
      filled,
      (Readings) => Readings.update({ siteId: 8 }, { where: { value: 1 } }),
    ],
  ])('%s: the record was deleted from the index or not written', async (_, before, write) => {
    for (const isCustom of [false, true]) {
      const { plain, streamed, told } = await bothWays(before, async (db) => {
        const result = await write(define(db, isCustom))
        return [result, await rows('readings')]
      })
      expect(streamed).toEqual(plain)
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(`{"id":"${id}"`)
      expect(told[0]?.includes('"has":["at","value","siteId"]')).toBe(isCustom)
      expect(await loaded(Reading, told)).toEqual([id])
    }
  })

  it('destroy sends the id that the index has', async () => {
    for (const isCustom of [false, true]) {
      const { plain, streamed, told } = await bothWays(filled, async (db) =>
        define(db, isCustom).destroy({ where: { value: 1 } }),
      )
      expect(plain).toBe(1)
      expect(streamed).toEqual(plain)
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(`{"id":"${id}"`)
      expect(await loaded(Reading, told)).toEqual([])
    }
  })

  it('more rows than are locked at a time were not written', async () => {
    const many = `${tables}; INSERT INTO readings SELECT '${at}'::timestamptz + n * interval '1 millisecond', 1, 7
      FROM generate_series(1, 10001) n; INSERT INTO readings VALUES ('infinity', 1, 7)`
    const { plain, streamed, told } = await bothWays(many, async (db) => {
      const updated = await define(db).update({ siteId: 8 }, { where: { value: 1 } })
      return [updated, await rows('readings')]
    })
    expect(streamed).toEqual(plain)
    expect(told).toHaveLength(10_002)
  })

  it('a cascade read the same records again endlessly', async () => {
    const same = `${tables}; INSERT INTO readings SELECT '${at}'::timestamptz + n * interval '1 microsecond', n, 7 FROM generate_series(1, 4) n`
    for (const isCustom of [false, true]) {
      const { streamed } = await bothWays(same, async (db) => {
        const Readings = define(db, isCustom)
        const found: object[] = []
        for await (const chunk of recordsBy(Readings, 'siteId', [7], { chunkSize: 2 })) found.push(...chunk)
        return found
      })
      expect(streamed).toHaveLength(4)
      expect(JSON.stringify(streamed)).not.toContain('kt_')
    }
  })

  it('two records in the same millisecond overwrote each other in the index', async () => {
    const same = `${filled}; INSERT INTO readings VALUES ('2024-01-01T00:00:00.123999Z', 3, 7)`
    const { plain, streamed, told } = await bothWays(same, async (db) =>
      define(db).update({ value: 4 }, { where: {} }),
    )
    expect(streamed).toEqual(plain)
    await expect(loaded(Reading, told)).rejects.toThrow(/same millisecond/)
    expect(await loaded(Reading, ['{"id":"2024-01-01T00:00:00.124Z"}'])).toHaveLength(1)
  })
})

describe('a write whose count differs from the number of locked rows', () => {
  const tables = `CREATE TABLE parts (code text PRIMARY KEY, "boxId" int, name text); INSERT INTO parts VALUES ('A', 1, 'x'), ('b', 1, 'x')`
  const attributes = {
    code: { type: DataTypes.TEXT, primaryKey: true },
    boxId: { type: DataTypes.INTEGER, references: { model: 'boxes', key: 'id' } },
    name: DataTypes.STRING,
  }
  const textOid = 25
  type Parser = (text: string) => unknown
  const { types } = createRequire(import.meta.url)('pg') as {
    types: { getTypeParser(oid: number): Parser; setTypeParser(oid: number, parse: Parser): void }
  }

  /** An application may change how its driver parses values. */
  function readTextsInLowerCase(): void {
    const before = types.getTypeParser(textOid)
    types.setTypeParser(textOid, (text) => text.toLowerCase())
    onTestFinished(() => types.setTypeParser(textOid, before))
  }

  it.each<[string, (Part: ModelStatic<Model>, transaction?: Transaction) => Promise<unknown>]>([
    [
      'update',
      (Part, transaction) =>
        Part.update({ boxId: 2 }, { where: { boxId: 1 }, ...(transaction && { transaction }) }),
    ],
    [
      'an update of the key',
      (Part, transaction) =>
        Part.update({ code: 'c' }, { where: { code: 'A' }, ...(transaction && { transaction }) }),
    ],
    [
      'destroy with a custom payload',
      (Part, transaction) => Part.destroy({ where: { boxId: 1 }, ...(transaction && { transaction }) }),
    ],
    [
      'increment',
      (Part, transaction) =>
        Part.increment('boxId', { where: { boxId: 1 }, ...(transaction && { transaction }) }),
    ],
  ])('%s silently left rows unchanged', async (_, write) => {
    const { streamed, told } = await bothWays(tables, async ({ sequelize, define }) => {
      const Part = define('Part', attributes, { payload: (part) => ({ id: part.get('code') as string }) })
      readTextsInLowerCase()
      const alone = await outcome(write(Part))
      const forgiven = await outcome(
        sequelize.transaction(async (transaction) => {
          await write(Part, transaction).catch(() => undefined)
        }),
      )
      return [alone, forgiven, await rows('parts')]
    })
    const failure: unknown = expect.stringContaining('met other rows than it had locked')
    expect(streamed).toEqual([
      failure,
      failure,
      [
        { code: 'a', boxId: 1, name: 'x' },
        { code: 'b', boxId: 1, name: 'x' },
      ],
    ])
    expect(told).toEqual([])
  })

  it('is correct if triggers and rules protect rows from it', async () => {
    const kept = `${tables}; CREATE FUNCTION keep() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql;
      CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON parts FOR EACH ROW WHEN (OLD.code = 'b') EXECUTE FUNCTION keep();
      CREATE TABLE bins (code text PRIMARY KEY, "boxId" int); INSERT INTO bins VALUES ('a', 1);
      CREATE RULE keep AS ON UPDATE TO bins DO INSTEAD NOTHING`
    const { plain, streamed } = await bothWays(kept, async ({ define }) => {
      const Part = define('Part', attributes)
      const Bin = define('Bin', { code: attributes.code, boxId: attributes.boxId })
      const results = [
        await Part.update({ boxId: 2 }, { where: { boxId: 1 } }),
        await Part.increment('boxId', { where: {} }),
        await Part.update({ code: 'c' }, { where: {}, limit: 1 }).catch(() => 'conflict'),
        await Part.destroy({ where: {} }),
        await Bin.update({ boxId: 2 }, { where: { boxId: 1 } }),
      ]
      return [results, await rows('parts'), await rows('bins')]
    })
    expect(streamed).toEqual(plain)
  })
})
