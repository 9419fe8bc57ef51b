import { DataTypes, literal, Transaction } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { describe, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { bothWaysStage, outcome } from './support/both-ways.ts'
import type { Database } from './support/both-ways.ts'

/** Unusual tables, models and settings. Each write behaves as without a stream, and is streamed. */

type AnyModel = ModelStatic<Model>

const { bothWays, rows, producer, updateStreamer } = bothWaysStage(import.meta.url)

/** Frozen copies, because Sequelize writes the attribute's name into this object. */
const integer = Object.freeze({ type: DataTypes.INTEGER, primaryKey: true })
const uuid = Object.freeze({ type: DataTypes.UUID, primaryKey: true })
const to = (model: string) => ({ type: DataTypes.INTEGER, references: { model, key: 'id' } })

it('rows of the public schema were selected, but rows of another search path were written', async () => {
  const tables = `CREATE SCHEMA red;
    CREATE TABLE public.items (id int PRIMARY KEY, state text, "ownerId" int); INSERT INTO public.items VALUES (2, 'old', 8);
    CREATE TABLE red.items (id int PRIMARY KEY, state text, "ownerId" int); INSERT INTO red.items VALUES (1, 'old', 5), (2, 'in use', 5)`
  const { plain, streamed, told } = await bothWays(
    tables,
    async ({ define }) => {
      const Item = define('Item', { id: integer, state: DataTypes.STRING, ownerId: to('owners') })
      const searchPath = 'red'
      const destroyed = await Item.destroy({ where: { state: 'old' }, searchPath } as object)
      const updated = await Item.update({ ownerId: 6 }, { where: { state: 'in use' }, searchPath } as never)
      return [destroyed, updated, await rows('red.items'), await rows('public.items')]
    },
    { dialectOptions: { prependSearchPath: true } },
  )
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":1,"references":{"ownerId":[5]}}', '{"id":2,"references":{"ownerId":[5]}}'])
})

it('rows with microseconds in a key were not written', async () => {
  const tables = `CREATE TABLE readings (at timestamptz PRIMARY KEY, value int, "siteId" int);
    INSERT INTO readings VALUES ('2024-01-01 00:00:00.123456Z', 1, 7)`
  const { plain, streamed } = await bothWays(tables, async ({ define }) => {
    const at = { type: DataTypes.DATE, primaryKey: true }
    const Reading = define('Reading', { at, value: DataTypes.INTEGER, siteId: to('sites') })
    const updated = await Reading.update({ value: 2 }, { where: { value: 1 } })
    return [updated, await rows('readings'), await Reading.destroy({ where: { siteId: 7 } })]
  })
  expect(streamed).toEqual(plain)
})

it('two models on one topic, and one model in two schemas, lost one of two records with the same key', async () => {
  const tables = `CREATE SCHEMA red; CREATE TABLE public.items (id int PRIMARY KEY);
    CREATE TABLE red.items (id int PRIMARY KEY); CREATE TABLE films (id int PRIMARY KEY)`
  const { plain, streamed, told, delays } = await bothWays(tables, async ({ sequelize, define }) => {
    const schemaOf = (record: Model): string => (record.constructor as unknown as { _schema: string })._schema
    const Item = define(
      'Item',
      { id: integer },
      { payload: (item) => ({ id: item.get('id') as number, schema: schemaOf(item) }) },
    )
    await sequelize.transaction(async (transaction) => {
      for (const schema of ['public', 'red']) await Item.schema(schema).create({ id: 1 }, { transaction })
    })
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":1,"schema":"public"}', '{"id":1,"schema":"red"}'])
  expect(delays).toBe(2)
})

it('a variant of a model and an invalid topic name were silently accepted', async () => {
  const { plain, streamed } = await bothWays('', async ({ sequelize, define }) => {
    const Item = define('Item', { id: integer })
    expect(() => updateStream(Item.schema('red'), { updateStreamer })).toThrow(/variant/)
    expect(() => updateStream(Item.unscoped(), { updateStreamer })).toThrow(/variant/)
    const Odd = sequelize.define('Odd', { id: { ...integer } }, { tableName: 'order items' })
    expect(() => updateStream(Odd, { updateStreamer })).toThrow(/topic/)
    expect(() => new UpdateStreamer({ producer, delayTopic: 'a b' })).toThrow(/delayTopic/)
  })
  expect(streamed).toEqual(plain)
})

describe('an upsert that moves the primary key did not report the old one', () => {
  const tables = `CREATE TABLE items (id int PRIMARY KEY, code text UNIQUE, "shelfId" int); INSERT INTO items VALUES (1, 'a', 5)`
  const attributes = { id: integer, code: DataTypes.STRING, shelfId: to('shelves') }

  it.each<[string, (Item: AnyModel) => Promise<unknown>]>([
    [
      'upsert',
      (Item) => Item.upsert({ id: 99, code: 'a', shelfId: 5 }, { conflictFields: ['code'] as never[] }),
    ],
    [
      'bulkCreate',
      (Item) =>
        Item.bulkCreate([{ id: 99, code: 'a', shelfId: 5 }], {
          updateOnDuplicate: ['id', 'shelfId'] as never[],
          conflictAttributes: ['code'] as never[],
        }),
    ],
  ])('%s', async (_, write) => {
    const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
      const result = await write(define('Item', attributes))
      return [result, await rows('items')]
    })
    expect(streamed).toEqual(plain)
    expect(told).toEqual(['{"id":1,"references":{"shelfId":[5]}}', '{"id":99}'])
  })

  it('did not report the old parent if the model does not declare the unique index', async () => {
    const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
      const Item = define('Item', attributes)
      const autoId = { conflictFields: ['code'] as never[], fields: ['id', 'code', 'shelfId'] as never[] }
      await Item.upsert({ id: 1, code: 'a', shelfId: 6 }, autoId)
      return rows('items')
    })
    expect(streamed).toEqual(plain)
    expect(told).toEqual(['{"id":1,"references":{"shelfId":[5]}}'])
  })
})

it('an increment of a part of the primary key reported only one key', async () => {
  const tables = `CREATE TABLE tracks (list int, pos int, PRIMARY KEY (list, pos)); INSERT INTO tracks VALUES (1, 1), (2, 5)`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Track = define('Track', { list: integer, pos: integer })
    await Track.increment('pos', { where: { list: 1 } })
    const track = await Track.findOne({ where: { list: 2 }, rejectOnEmpty: true })
    await track.decrement('pos')
    return rows('tracks')
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":"1,1"}', '{"id":"1,2"}', '{"id":"2,4"}', '{"id":"2,5"}'])
})

it('a key that the record spells differently was sent in that spelling', async () => {
  const id = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
  const tables = `CREATE TABLE users (id uuid PRIMARY KEY, name text); INSERT INTO users VALUES ('${id}', 'old')`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const User = define('User', { id: uuid, name: DataTypes.STRING })
    const user = User.build({ id: id.toUpperCase() }, { isNewRecord: false })
    await user.update({ name: 'new' })
    const updated = [user.get(), await rows('users')]
    await User.build({ id: id.toUpperCase() }, { isNewRecord: false }).destroy()
    return [updated, await rows('users')]
  })
  expect(streamed).toEqual(plain)
  expect(new Set(told)).toEqual(new Set([`{"id":"${id}"}`]))
})

it('rows that a trigger puts into another table were not reported', async () => {
  const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  const tables = `CREATE TABLE parts (id uuid PRIMARY KEY, name text); CREATE TABLE parts_1 () INHERITS (parts);
    CREATE FUNCTION redirect() RETURNS trigger AS 'BEGIN INSERT INTO parts_1 VALUES (NEW.*); RETURN NULL; END' LANGUAGE plpgsql;
    CREATE TRIGGER redirect BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION redirect()`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Part = define('Part', { id: uuid, name: DataTypes.STRING })
    await Part.bulkCreate(ids.map((id) => ({ id, name: 'a' })))
    return rows('parts')
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(ids.map((id) => JSON.stringify({ id })))
})

it('a soft delete by a trigger was not streamed for a condition on the key', async () => {
  const tables = `CREATE TABLE parts (id int PRIMARY KEY, gone boolean); INSERT INTO parts VALUES (1), (2), (3);
    CREATE FUNCTION hide() RETURNS trigger AS 'BEGIN UPDATE parts SET gone = true WHERE id = OLD.id; RETURN NULL; END' LANGUAGE plpgsql;
    CREATE TRIGGER hide BEFORE DELETE ON parts FOR EACH ROW EXECUTE FUNCTION hide()`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Part = define('Part', { id: integer, gone: DataTypes.BOOLEAN })
    const byKey = await Part.destroy({ where: { id: 1 } })
    const byValue = await Part.destroy({ where: literal('id = 2') as never })
    await Part.build({ id: 3 }, { isNewRecord: false }).destroy()
    return [byKey, byValue, await rows('parts')]
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":1}', '{"id":2}', '{"id":3}'])
})

it('a role that may delete but not update could not delete', async () => {
  const tables = `CREATE TABLE parts (id int PRIMARY KEY, name text); INSERT INTO parts VALUES (1, 'a'), (2, 'b');
    REVOKE ALL ON SCHEMA public FROM public; GRANT USAGE ON SCHEMA public TO public; GRANT SELECT, DELETE ON parts TO public`
  const { plain, streamed, told } = await bothWays(
    tables,
    async ({ define }) =>
      define('Part', { id: integer, name: DataTypes.STRING }).destroy({ where: { name: 'a' } }),
    { dialectOptions: { options: '-c role=pg_monitor' } },
  )
  expect(streamed).toEqual(plain)
  expect(plain).toBe(1)
  expect(told).toEqual(['{"id":1}'])
})

it('raw results of a renamed primary key were rejected', async () => {
  const tables = `CREATE TABLE parts (the_key text PRIMARY KEY, name text); INSERT INTO parts VALUES ('k', 'x')`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const key = { type: DataTypes.STRING, primaryKey: true, field: 'the_key' }
    const Part = define('Part', { key, name: DataTypes.STRING })
    return Part.update({ name: 'y' }, { where: { name: 'x' }, returning: true, raw: true } as never)
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":"k"}'])
})

describe('settings of Sequelize', () => {
  const tables = `CREATE TABLE items (itemid int PRIMARY KEY, somename text); INSERT INTO items VALUES (1, 'a'), (2, 'a')`
  const attributes = { itemId: integer, someName: DataTypes.STRING }

  it('unquoted identifiers', async () => {
    const { plain, streamed, told } = await bothWays(
      tables,
      async ({ define }) => {
        const Item = define('Item', attributes)
        const updated = await Item.update({ someName: 'b' }, { where: { itemId: 1 } })
        const destroyed = await Item.destroy({ where: { someName: 'a' } })
        await Item.bulkCreate([{ itemId: 8, someName: 'c' }], { ignoreDuplicates: true })
        return [updated, destroyed, await rows('items')]
      },
      { quoteIdentifiers: false },
    )
    expect(streamed).toEqual(plain)
    expect(told).toEqual(['{"id":1}', '{"id":2}', '{"id":8}'])
  })

  it.each([{ raw: true }, { nest: true }])('defaults of queries: %j', async (query) => {
    const items = `CREATE TABLE items (id int PRIMARY KEY, name text, "shelfId" int); INSERT INTO items VALUES (1, 'a', 5)`
    const { plain, streamed, told } = await bothWays(
      items,
      async ({ define }) => {
        const payload = (item: Model): { id: number; name: unknown } => ({
          id: item.get('id') as number,
          name: item.get('name'),
        })
        const Item = define(
          'Item',
          { id: integer, name: DataTypes.STRING, shelfId: to('shelves') },
          { payload },
        )
        return Item.update({ name: 'b', shelfId: 6 }, { where: { name: 'a' } })
      },
      { query },
    )
    expect(streamed).toEqual(plain)
    expect(told).toEqual(['{"id":1,"name":"b","references":{"shelfId":[5]}}'])
  })

  it('an isolation level for all transactions failed writes that have none', async () => {
    const { plain, streamed } = await bothWays(
      `CREATE TABLE items (id int PRIMARY KEY, size int); INSERT INTO items VALUES (1, 0)`,
      async ({ define }) => {
        const Item = define('Item', { id: integer, size: DataTypes.INTEGER })
        const all = Array.from({ length: 50 }, () => Item.increment('size', { where: { id: 1 } }))
        const done = await Promise.allSettled(all)
        return [done.filter(({ status }) => status === 'rejected').length, await rows('items')]
      },
      { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE, pool: { max: 10 } },
    )
    expect(streamed).toEqual(plain)
    expect(streamed).toEqual([0, [{ id: 1, size: 50 }]])
  })
})

it('a truncate with cascade did not report the other tables that it empties', async () => {
  const tables = `CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE childs (id int PRIMARY KEY, "parentId" int REFERENCES parents);
    CREATE TABLE others (id int PRIMARY KEY); INSERT INTO parents VALUES (1); INSERT INTO childs VALUES (2, 1); INSERT INTO others VALUES (3)`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Parent = define('Parent', { id: integer })
    define('Child', { id: integer, parentId: to('parents') })
    define('Other', { id: integer })
    await Parent.truncate({ cascade: true })
    return [await rows('parents'), await rows('childs'), await rows('others')]
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":1}', '{"id":2,"references":{"parentId":[1]}}'])
})

it('an old parent was not reported if only the parent declares the association', async () => {
  const tables = `CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE notes (id int PRIMARY KEY, "postId" int)`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Note = define('Note', { id: integer, postId: DataTypes.INTEGER })
    const note = await Note.create({ id: 1, postId: 1 })
    define('Post', { id: integer }).hasMany(Note, { foreignKey: 'postId', constraints: false })
    await note.update({ postId: 2 })
    return rows('notes')
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":1,"references":{"postId":[1]}}', '{"id":1}'])
})

describe('a cascade by hooks', () => {
  const tables = `CREATE TABLE orders (id int PRIMARY KEY, lines int, "shopId" int); CREATE TABLE lines (id int PRIMARY KEY, "orderId" int REFERENCES orders);
    INSERT INTO orders VALUES (1, 2, 7); INSERT INTO lines VALUES (1, 1), (2, 1)`

  async function destroyOrder(
    { define }: Database,
    hook: (Order: AnyModel) => Promise<unknown>,
  ): Promise<unknown> {
    const Order = define('Order', { id: integer, lines: DataTypes.INTEGER, shopId: to('shops') })
    const Line = define('Line', { id: integer, orderId: DataTypes.INTEGER })
    Order.hasMany(Line, { foreignKey: 'orderId', onDelete: 'cascade', hooks: true })
    Line.belongsTo(Order, { foreignKey: 'orderId' })
    const inTransaction: boolean[] = []
    Line.addHook('afterDestroy', async (_, options) => {
      inTransaction.push(Boolean((options as { transaction?: unknown }).transaction))
      await hook(Order)
    })
    const order = await Order.findByPk(1, { rejectOnEmpty: true })
    const result = await outcome(order.destroy())
    return [result, inTransaction, await rows('orders'), await rows('lines')]
  }

  it('waited forever for a hook that writes the parent', async () => {
    const { plain, streamed, told } = await bothWays(tables, (db) =>
      destroyOrder(db, (Order) => Order.decrement('lines', { where: { id: 1 } })),
    )
    expect(streamed).toEqual(plain)
    expect(new Set(told)).toEqual(
      new Set([
        '{"id":1}',
        '{"id":1,"references":{"orderId":[1]}}',
        '{"id":2,"references":{"orderId":[1]}}',
        '{"id":1,"references":{"shopId":[7]}}',
      ]),
    )
  })

  it('keeps deletions from before a hook failed', async () => {
    const { plain, streamed } = await bothWays(tables, (db) =>
      destroyOrder(db, () => Promise.reject(new Error('no'))),
    )
    expect(streamed).toEqual(plain)
  })
})

it('parents were not reported for a through table that declares no association of its own', async () => {
  const tables = `CREATE TABLE films (id int PRIMARY KEY); CREATE TABLE actors (id int PRIMARY KEY);
    CREATE TABLE roles ("filmId" int, "actorId" int, PRIMARY KEY ("filmId", "actorId"));
    INSERT INTO films VALUES (1); INSERT INTO actors VALUES (2); INSERT INTO roles VALUES (1, 2)`
  const { plain, streamed, told } = await bothWays(tables, async ({ define }) => {
    const Film = define('Film', { id: integer })
    const Actor = define('Actor', { id: integer })
    const Role = define('Role', { filmId: integer, actorId: integer })
    Film.belongsToMany(Actor, {
      through: Role,
      foreignKey: 'filmId',
      otherKey: 'actorId',
      constraints: false,
    })
    return Role.destroy({ where: { filmId: 1 } })
  })
  expect(streamed).toEqual(plain)
  expect(told).toEqual(['{"id":"1,2","references":{"filmId":[1],"actorId":[2]}}'])
})
