import { DataTypes } from 'sequelize'
import type { Model, ModelStatic, Transaction } from 'sequelize'
import { describe, expect, it } from 'vitest'
import { bothWaysStage, outcome } from './support/both-ways.ts'

/** Views, roles and triggers, about which less is known than about an ordinary table. */

const { bothWays, rows } = bothWaysStage(import.meta.url)

const id = Object.freeze({ type: DataTypes.INTEGER, primaryKey: true })
const boxId = Object.freeze({ type: DataTypes.INTEGER, references: { model: 'boxes', key: 'id' } })
const payload = (record: Model): { id: number } => ({ id: record.get('id') as number })

describe('a view that groups rows, with INSTEAD OF triggers', () => {
  const tables = `CREATE TABLE items (part int, "boxId" int, amount int); INSERT INTO items VALUES (1, 5, 3), (1, 5, 4), (2, 5, 1), (3, 5, 9);
    CREATE VIEW parts AS SELECT part AS id, "boxId", sum(amount)::int AS amount FROM items GROUP BY 1, 2;
    CREATE FUNCTION write_part() RETURNS trigger AS $$ BEGIN
      IF TG_OP = 'DELETE' THEN DELETE FROM items WHERE part = OLD.id; RETURN OLD; END IF;
      UPDATE items SET part = NEW.id, "boxId" = NEW."boxId", amount = NEW.amount WHERE part = OLD.id; RETURN NEW;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER write INSTEAD OF UPDATE OR DELETE ON parts FOR EACH ROW EXECUTE FUNCTION write_part()`

  it.each<[string, readonly string[], (Part: ModelStatic<Model>) => Promise<unknown>]>([
    ['update', ['{"id":1}'], (Part) => Part.update({ amount: 2 }, { where: { id: 1 } })],
    [
      'update of a foreign key',
      ['{"id":2,"references":{"boxId":[5]}}', '{"id":3,"references":{"boxId":[5]}}'],
      (Part) => Part.update({ boxId: 6 }, { where: { id: [2, 3] } }),
    ],
    [
      'update of the key',
      ['{"id":2}', '{"id":7}'],
      (Part) => Part.update({ id: 7 }, { where: { amount: 1 } }),
    ],
    ['increment', ['{"id":3}'], (Part) => Part.increment('amount', { where: { id: 3 } })],
    [
      'destroy',
      ['{"id":1,"references":{"boxId":[5]}}', '{"id":2,"references":{"boxId":[5]}}'],
      (Part) => Part.destroy({ where: { id: [1, 2] } }),
    ],
    [
      'of a record',
      ['{"id":1,"references":{"boxId":[5]}}', '{"id":2,"references":{"boxId":[5]}}'],
      async (Part) => {
        const [one, two] = await Part.findAll({ order: ['id'] })
        await one?.update({ boxId: 6 })
        await two?.destroy()
      },
    ],
  ])('%s failed', async (_, ids, write) => {
    const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
      const result = await write(define('Part', { id, boxId, amount: DataTypes.INTEGER }))
      return [result, await rows('parts')]
    })
    expect(streamed).toEqual(plain)
    expect(told).toEqual(ids)
  })
})

it('a role that may delete but not update could not delete if rows are read first', async () => {
  const tables = `CREATE TABLE parts (id int PRIMARY KEY, "boxId" int); INSERT INTO parts VALUES (1, 5), (2, 5), (3, 6), (4, 7);
    CREATE TABLE tools (id int PRIMARY KEY, gone boolean); INSERT INTO tools VALUES (1), (2);
    CREATE FUNCTION hide() RETURNS trigger AS 'BEGIN UPDATE tools SET gone = true WHERE id = OLD.id; RETURN NULL; END' LANGUAGE plpgsql SECURITY DEFINER;
    CREATE TRIGGER hide BEFORE DELETE ON tools FOR EACH ROW EXECUTE FUNCTION hide();
    GRANT USAGE ON SCHEMA public TO public; GRANT SELECT, DELETE, TRUNCATE ON parts, tools TO public`
  const { plain, streamed, told } = await bothWays(
    tables,
    async ({ define }) => {
      const Part = define('Part', { id, boxId }, { payload })
      const Tool = define('Tool', { id, gone: DataTypes.BOOLEAN })
      const part = await Part.findByPk(3, { attributes: ['id'], rejectOnEmpty: true })
      await part.destroy()
      const results = [
        await Part.destroy({ where: { boxId: 5 } }),
        await Tool.destroy({ where: { id: 1 } }),
        await Part.truncate(),
      ]
      return [results, await rows('parts'), await rows('tools')]
    },
    { dialectOptions: { options: '-c role=pg_monitor' } },
  )
  expect(streamed).toEqual(plain)
  expect(told).toEqual([
    '{"id":1,"references":{"boxId":[5]}}',
    '{"id":1}',
    '{"id":2,"references":{"boxId":[5]}}',
    '{"id":3,"references":{"boxId":[6]}}',
    '{"id":4,"references":{"boxId":[7]}}',
  ])
})

describe('rows that a trigger redirects, so that they are not returned', () => {
  const tables = `CREATE TABLE parts (id serial PRIMARY KEY, code text UNIQUE, name text);
    CREATE TABLE parts_1 () INHERITS (parts); CREATE UNIQUE INDEX ON parts_1 (code); INSERT INTO parts_1 VALUES (5, 'old');
    CREATE FUNCTION redirect() RETURNS trigger AS 'BEGIN INSERT INTO parts_1 VALUES (NEW.*) ON CONFLICT DO NOTHING; RETURN NULL; END' LANGUAGE plpgsql;
    CREATE TRIGGER redirect BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION redirect()`
  const autoId = { ...id, autoIncrement: true }
  const declared = { id: autoId, code: { type: DataTypes.STRING, unique: true }, name: DataTypes.STRING }
  const undeclared = { ...declared, code: DataTypes.STRING }
  const withIds = [
    { id: 7, code: 'a' },
    { id: 8, code: 'b' },
  ]
  const withoutIds = [{ code: 'a' }, { code: 'b' }, { code: 'a' }, { code: 'old' }]
  const ignoreDuplicates = true

  it.each<[string, readonly number[], (Part: ModelStatic<Model>) => Promise<unknown>]>([
    ['bulkCreate', [7, 8], (Part) => Part.bulkCreate(withIds, { ignoreDuplicates })],
    ['bulkCreate', [7, 8], (Part) => Part.bulkCreate(withIds, { updateOnDuplicate: ['name'] })],
    ['bulkCreate of generated keys', [1, 2, 5], (Part) => Part.bulkCreate(withoutIds, { ignoreDuplicates })],
    ['create', [7], (Part) => outcome(Part.create({ id: 7, code: 'a' }))],
    ['create', [7], (Part) => outcome(Part.create({ id: 7, code: 'a' }, { ignoreDuplicates }))],
    ['create of a generated key', [1], (Part) => outcome(Part.create({ code: 'a' }))],
  ])('%s did not report %j, or did not store them', async (_, ids, write) => {
    const { plain, streamed, told, delays } = await bothWays(tables, async ({ define }) => {
      const result = await write(define('Part', declared))
      return [result, await rows('parts')]
    })
    expect(streamed).toEqual(plain)
    expect(told).toEqual(ids.map((each) => JSON.stringify({ id: each })))
    expect(delays).toBeGreaterThanOrEqual(ids.length)
  })

  it("were committed without a message if their keys can't be known", async () => {
    const { streamed, told } = await bothWays(tables, async ({ sequelize, define }) => {
      const Part = define('Part', undeclared)
      const inTransaction = (write: (transaction: Transaction) => Promise<unknown>): Promise<unknown> =>
        outcome(sequelize.transaction((transaction) => write(transaction).catch(() => undefined)))
      return [
        await outcome(Part.bulkCreate(withoutIds, { ignoreDuplicates })),
        await outcome(Part.create({ code: 'a' })),
        await inTransaction((transaction) => Part.bulkCreate(withoutIds, { ignoreDuplicates, transaction })),
        await inTransaction((transaction) => Part.create({ code: 'a' }, { transaction })),
        await rows('parts'),
      ]
    })
    const failure: unknown = expect.stringContaining('KtError: A trigger keeps')
    expect(streamed).toEqual([failure, failure, failure, failure, [{ id: 5, code: 'old', name: null }]])
    expect(told).toEqual([])
  })
})

it('skipped duplicates are not reported, whatever other triggers exist', async () => {
  const tables = `CREATE TABLE parts (id serial PRIMARY KEY, code text UNIQUE); INSERT INTO parts VALUES (5, 'old');
    CREATE FUNCTION note() RETURNS trigger AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql;
    CREATE TRIGGER note BEFORE INSERT ON parts FOR EACH STATEMENT EXECUTE FUNCTION note()`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Part = define('Part', { id: { ...id, autoIncrement: true }, code: DataTypes.STRING })
    const made = await Part.bulkCreate([{ code: 'old' }, { code: 'new' }], { ignoreDuplicates: true })
    return [made, await rows('parts')]
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":2}'])
})
