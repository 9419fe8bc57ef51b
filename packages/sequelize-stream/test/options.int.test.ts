import { silentLogger } from '@kt/core'
import { DataTypes, literal, Sequelize } from 'sequelize'
import type { Model, ModelStatic, Options, Transaction, WhereOptions } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { RecordingProducer } from './support/recording-producer.ts'

/** Statement options of Sequelize mean the same for a streamed model. */

type Thing = Model & { size: number; name: string }

const attributes = {
  id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
  size: DataTypes.INTEGER,
  name: DataTypes.TEXT,
  done: DataTypes.BOOLEAN,
  parentId: { type: DataTypes.INTEGER, references: { model: 'things', key: 'id' } },
}

const producer = new RecordingProducer()
const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
let scope: TestScope
let other: Sequelize

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  other = new Sequelize(scope.databaseUrl, { logging: false })
  await other.query(
    `CREATE TABLE things (id serial PRIMARY KEY, size int, name text, done boolean, "parentId" int);
     CREATE TABLE log (what text); SELECT setval('things_id_seq', 100)`,
  )
})
afterAll(async () => {
  await updateStreamer.close()
  await other.close()
  await scope.close()
})
beforeEach(async () => {
  await other.query(
    `TRUNCATE things, log; INSERT INTO things (id, size, name) VALUES (1, 0, 'Lamp'), (2, 0, 'Chair')`,
  )
  producer.take()
})

function connect(options: Options = {}): Sequelize {
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false, ...options })
  onTestFinished(() => sequelize.close())
  return sequelize
}

function defineThing(sequelize: Sequelize, isStreamed: boolean): ModelStatic<Thing> {
  const Thing = sequelize.define<Thing>('Thing', attributes, { tableName: 'things', timestamps: false })
  if (isStreamed) updateStream(Thing, { updateStreamer })
  return Thing
}

/** Returns the result of a call, or its error. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}

async function told(): Promise<string[]> {
  await updateStreamer.flush()
  const sent = producer.take().filter(({ topic }) => topic === 'things')
  return sent.map(({ value }) => value).toSorted()
}

async function rows(): Promise<unknown> {
  const [found] = await other.query('SELECT * FROM things ORDER BY id')
  return found
}

describe('a write that waits for a lock, with the option retry', () => {
  const options: Options = {
    retry: { match: [/lock timeout/], max: 5 },
    dialectOptions: { options: '-c lock_timeout=200ms' },
  }

  async function whileLocked(write: (Thing: ModelStatic<Thing>) => Promise<unknown>): Promise<unknown> {
    const Thing = defineThing(connect(options), true)
    const holder = await other.transaction()
    await other.query('SELECT * FROM things WHERE id = 1 FOR UPDATE', { transaction: holder })
    const failures = vi.fn<() => void>()
    Thing.sequelize?.addHook('afterQuery', () => failures())
    const writing = outcome(write(Thing))
    // It has failed once when it starts a second time.
    await vi.waitFor(() => expect(failures.mock.calls.length).toBeGreaterThan(3), { timeout: 5_000 })
    await holder.commit()
    return writing
  }

  it('was ended by "current transaction is aborted" and is retried as a whole', async () => {
    const update = (Thing: ModelStatic<Thing>): Promise<unknown> =>
      Thing.update({ size: 1 }, { where: { id: [1, 2] } })
    expect(await whileLocked(update)).toEqual([2])
    expect(await told()).toEqual(['{"id":1}', '{"id":2}'])
  })

  it('is also retried for one record, and the record is as after one attempt', async () => {
    const increment = async (Thing: ModelStatic<Thing>): Promise<unknown> => {
      const thing = await Thing.findByPk(1, { rejectOnEmpty: true })
      await thing.update({ size: 7 })
      return thing.get()
    }
    expect(await whileLocked(increment)).toMatchObject({ id: 1, size: 7, name: 'Lamp' })
    expect(await told()).toEqual(['{"id":1}'])
  })

  it('is retried as a whole if one of our own statements fails', async () => {
    const destroy = (Thing: ModelStatic<Thing>): Promise<unknown> =>
      Thing.destroy({ where: { name: 'Lamp' } })
    expect(await whileLocked(destroy)).toBe(1)
    expect(await told()).toEqual(['{"id":1}'])
  })

  it('gives up after as many attempts as without a stream, with the same error', async () => {
    const give = async (isStreamed: boolean): Promise<unknown> => {
      const logged: string[] = []
      const retry = { match: [/lock timeout/], max: 2 }
      const Thing = defineThing(
        connect({ ...options, retry, logging: (sql) => logged.push(sql) }),
        isStreamed,
      )
      const holder = await other.transaction()
      await other.query('SELECT * FROM things WHERE id = 1 FOR UPDATE', { transaction: holder })
      const error = await outcome(Thing.destroy({ where: { name: 'Lamp' } }))
      await holder.rollback()
      return [error, logged.filter((sql) => sql.includes('DELETE')).length]
    }
    expect(await give(true)).toEqual(await give(false))
  })

  it("is not retried for the caller's work in bulk()", async () => {
    const work = vi.fn<(transaction: Transaction) => Promise<unknown>>(() =>
      Promise.reject(new Error('lock timeout, or so')),
    )
    const Thing = defineThing(connect({ retry: { match: [/lock timeout/], max: 3 } }), true)
    await expect(updateStreamer.bulk({ model: Thing, where: { id: 1 } }, work)).rejects.toThrow(
      'lock timeout',
    )
    expect(work).toHaveBeenCalledOnce()
  })
})

it.each([
  ['2.5 for an INTEGER', { size: 2.5 }],
  ['1 for a BOOLEAN', { done: 1 }],
  ['a text for an INTEGER', { size: '12' }],
])('values are accepted as without a stream: %s', async (_, values) => {
  const update = async (isStreamed: boolean): Promise<unknown> => {
    const Thing = defineThing(connect(), isStreamed)
    return [await outcome(Thing.update(values, { where: { id: [1, 2] }, validate: false })), await rows()]
  }
  const plain = await update(false)
  await other.query(`UPDATE things SET size = 0, done = NULL`)
  expect(await update(true)).toEqual(plain)
})

it.each([
  ['destroy', (Thing: ModelStatic<Thing>, o: object) => Thing.destroy(o)],
  // Sequelize itself rejects most of these, because its UPDATE has bind parameters.
  [
    'update',
    (Thing: ModelStatic<Thing>, o: object) => Thing.update({ size: 3 }, o as { where: WhereOptions }),
  ],
  [
    'increment',
    (Thing: ModelStatic<Thing>, o: object) => Thing.increment('size', o as { where: WhereOptions }),
  ],
] as const)('replacements work as without a stream: %s', async (_, write) => {
  const named = { where: literal('lower(name) = :name'), replacements: { name: 'lamp' } }
  const inTurn = { where: literal('name = ?'), replacements: ['Chair'] }
  const results = async (isStreamed: boolean): Promise<unknown> => {
    const Thing = defineThing(connect(), isStreamed)
    return [
      await outcome(write(Thing, { ...named })),
      await outcome(write(Thing, { ...inTurn })),
      await rows(),
    ]
  }
  const plain = await results(false)
  await other.query(
    `TRUNCATE things; INSERT INTO things (id, size, name) VALUES (1, 0, 'Lamp'), (2, 0, 'Chair')`,
  )
  expect(await results(true)).toEqual(plain)
})

describe('an observer', () => {
  const heardBy = async (
    Thing: ModelStatic<Thing>,
    call: (options: object) => Promise<unknown>,
    options: object,
  ): Promise<readonly [afterQuery: string[], logged: unknown[][]]> => {
    const heard: string[] = []
    const logged: unknown[][] = []
    Thing.sequelize?.addHook('afterQuery', 'look', (_options, query) => {
      heard.push((query as unknown as { readonly sql: string }).sql)
    })
    await call({ ...options, logging: (...args: unknown[]) => void logged.push(args) })
    Thing.sequelize?.removeHook('afterQuery', 'look')
    return [heard, logged]
  }

  it.each([
    ['create', (Thing: ModelStatic<Thing>, o: object) => Thing.create({ name: 'Desk' }, o), 'INSERT'],
    [
      'update',
      async (Thing: ModelStatic<Thing>, o: object) =>
        Thing.build({ id: 1 }, { isNewRecord: false }).update({ size: 4 }, o),
      'UPDATE',
    ],
    [
      'destroy',
      async (Thing: ModelStatic<Thing>, o: object) =>
        Thing.build({ id: 1 }, { isNewRecord: false }).destroy(o),
      'DELETE',
    ],
    [
      'Model.update',
      (Thing: ModelStatic<Thing>, o: object) => Thing.update({ size: 4 }, { where: {}, ...o }),
      'UPDATE',
    ],
  ] as const)('sees every statement of %s, with its time and context', async (_, write, verb) => {
    const Thing = defineThing(connect(), true)
    const [heard, logged] = await heardBy(Thing, (o) => write(Thing, o), { benchmark: true })
    expect(heard).toContainEqual(expect.stringMatching(/^START TRANSACTION;/))
    expect(heard.at(-1)).toBe('COMMIT;')
    expect(heard.filter((sql) => sql.startsWith(verb))).toHaveLength(1)
    const [entry = []] = logged.filter(([sql]) => String(sql).includes(`: ${verb} `))
    expect(entry[1]).toEqual(expect.any(Number))
  })

  it('sees the same UPDATE as without a stream, except for RETURNING', async () => {
    const call = (Thing: ModelStatic<Thing>) => (o: object) =>
      Thing.update({ size: 4 }, { where: { name: 'Lamp' }, ...o })
    const [Plain, Streamed] = [defineThing(connect(), false), defineThing(connect(), true)]
    const [[plain = '']] = await heardBy(Plain, call(Plain), {})
    const [streamed] = await heardBy(Streamed, call(Streamed), {})
    expect(streamed).toContain(`${plain} RETURNING "id"`)
  })

  it('that traces Sequelize.prototype.query also sees the transaction', async () => {
    const Thing = defineThing(connect(), true)
    // Our first transaction also reads the session's timeout.
    await Thing.create({ name: 'Bench' })
    const query = vi.spyOn(Sequelize.prototype, 'query')
    onTestFinished(() => query.mockRestore())
    await Thing.create({ name: 'Desk' })
    const seen = query.mock.calls.map(([sql]) => (typeof sql === 'string' ? sql : sql.query))
    expect(seen.map((sql) => sql.split(' ')[0])).toEqual(['START', 'INSERT', 'COMMIT;'])
  })
})

describe('a transaction that can not begin', () => {
  it('executes nothing', async () => {
    // PostgreSQL rejects such a long timeout.
    const tooLong = new UpdateStreamer({ producer, delayMs: Number.MAX_SAFE_INTEGER, logger: silentLogger })
    const Thing = defineThing(connect(), false)
    updateStream(Thing, { updateStreamer: tooLong })
    await expect(Thing.create({ name: 'Desk' })).rejects.toThrow(/interval|invalid value/)
    await expect(Thing.count()).resolves.toBe(2)
  })
})

describe('a table with rewrite rules, for which PostgreSQL returns no rows', () => {
  it('is written as without a stream, with and without a transaction of the caller', async () => {
    await other.query(
      `CREATE RULE updated AS ON UPDATE TO things DO ALSO INSERT INTO log VALUES ('updated');
       CREATE RULE deleted AS ON DELETE TO things DO ALSO INSERT INTO log VALUES ('deleted')`,
    )
    onTestFinished(async () => {
      await other.query('DROP RULE updated ON things; DROP RULE deleted ON things')
    })
    const sequelize = connect()
    const Thing = defineThing(sequelize, true)
    expect(await Thing.update({ size: 5 }, { where: { size: 0 } })).toEqual([2])
    expect(await told()).toEqual(['{"id":1}', '{"id":2}'])
    await sequelize.transaction((transaction) => Thing.update({ size: 6 }, { where: { id: 1 }, transaction }))
    expect(await told()).toEqual(['{"id":1}'])
    await Thing.build({ id: 1 }, { isNewRecord: false }).destroy()
    expect(await told()).toEqual(['{"id":1}'])
    expect(await rows()).toMatchObject([{ id: 2, size: 5 }])
  })
})

describe("a statement that fails in a caller's transaction, if the caller catches the error", () => {
  it('leaves a commit that resolves, as without a stream, with only surplus messages', async () => {
    const sequelize = connect()
    const Thing = defineThing(sequelize, true)
    const transaction = await sequelize.transaction()
    await Thing.create({ name: 'Desk' }, { transaction })
    await outcome(sequelize.query('SELECT nonsense', { transaction }))
    await expect(transaction.commit()).resolves.toBeUndefined()
    await expect(Thing.count()).resolves.toBe(2)
  })
})

describe('a throwing `logging` function ended the process', () => {
  it('rejects the write, and leaves the connection usable', async () => {
    const sequelize = connect({ pool: { max: 1 } })
    const Thing = defineThing(sequelize, true)
    await Thing.create({ name: 'Bench' })
    const session = async (): Promise<unknown> => (await sequelize.query('SELECT pg_backend_pid() AS pid'))[0]
    const before = await session()
    const logging = (): never => {
      throw new Error('the log is full')
    }
    await expect(Thing.create({ name: 'Desk' }, { logging })).rejects.toThrow('the log is full')
    // Otherwise Sequelize would have destroyed the connection during a statement.
    expect(await session()).toEqual(before)
    await expect(Thing.count()).resolves.toBe(3)
  })
})
