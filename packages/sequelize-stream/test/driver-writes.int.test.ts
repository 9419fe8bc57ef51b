import { silentLogger } from '@kt/core'
import type { EventEmitter } from 'node:events'
import {
  DatabaseError,
  DataTypes,
  ForeignKeyConstraintError,
  OptimisticLockError,
  Sequelize,
  UniqueConstraintError,
} from 'sequelize'
import type { InstanceDestroyOptions, Model, ModelStatic, Transaction } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { RecordingProducer } from './support/recording-producer.ts'

/** The statements that write one record go straight to the driver; nobody should notice. */

type Options = InstanceDestroyOptions

interface Statement {
  readonly sql: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly execute: (model: ModelStatic<Model>, options?: Options) => Promise<unknown>
  /** The names in the table afterwards. */
  readonly names: string
  /** How it fails where `breakIt` has been. */
  readonly failure: new (...args: never[]) => Error
}

const statements: readonly Statement[] = [
  {
    sql: 'INSERT',
    execute: (model, options) => model.create({ name: 'b' }, options),
    names: 'a b',
    failure: UniqueConstraintError,
  },
  {
    sql: 'UPDATE',
    execute: (model, options) => one(model).update({ name: 'b' }, options),
    names: 'b',
    failure: UniqueConstraintError,
  },
  {
    sql: 'DELETE',
    execute: (model, options) => one(model).destroy(options),
    names: '',
    failure: ForeignKeyConstraintError,
  },
]

/** Makes all of them fail. */
const breakIt = `
  CREATE TABLE parts (thing_id int REFERENCES things); INSERT INTO parts VALUES (1);
  CREATE UNIQUE INDEX broken ON things ((1)) WHERE name = 'b' OR id < 0; INSERT INTO things VALUES (-1, 'a')`
const mendIt = `DROP TABLE IF EXISTS parts; DROP INDEX IF EXISTS broken; DELETE FROM things WHERE id < 0`

let scope: TestScope
let sequelize: Sequelize
let model: ModelStatic<Model>
let plain: ModelStatic<Model>

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false, pool: { max: 1 } })
  await sequelize.query(
    `CREATE TABLE things (id serial PRIMARY KEY, name text, made_by text DEFAULT 'default', version int);
     SELECT setval('things_id_seq', 100)`,
  )
  plain = define('Plain')
  model = define('Streamed')
  const producer = new RecordingProducer()
  updateStream(model, { updateStreamer: new UpdateStreamer({ producer, logger: silentLogger }) })
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})
beforeEach(fillTable)
afterEach(async () => {
  await sequelize.query(mendIt)
})

async function fillTable(): Promise<void> {
  await sequelize.query(`TRUNCATE things CASCADE; INSERT INTO things VALUES (1, 'a')`)
}

function define(name: string, options: object = {}): ModelStatic<Model> {
  const attributes = {
    id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
    name: DataTypes.TEXT,
    madeBy: { type: DataTypes.TEXT, field: 'made_by' },
  }
  return sequelize.define(name, attributes, { tableName: 'things', timestamps: false, ...options })
}

function one(of: ModelStatic<Model>): Model {
  return of.build({ id: 1 }, { isNewRecord: false })
}

function driverOf(transaction: Transaction): object {
  return (transaction as unknown as { readonly connection: object }).connection
}

async function names(): Promise<string> {
  const [rows] = await sequelize.query('SELECT name FROM things ORDER BY id')
  return (rows as { name: string }[]).map(({ name }) => name).join(' ')
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each(statements)('the $sql of a record', (statement) => {
  const { sql, execute, failure } = statement
  const executed = new RegExp(`^Executing \\(.+\\): ${sql} `)

  it('fails as that of any other', async () => {
    await sequelize.query(breakIt)
    const alone = (await failureOf(execute(plain))) as DatabaseError
    const error = (await failureOf(execute(model))) as DatabaseError
    expect(error).toBeInstanceOf(failure)
    const { name, message, parent } = alone
    const { sql: failed, parameters, code } = parent as DatabaseError & { readonly code: string }
    expect(error).toMatchObject({ name, message, parent: { sql: failed, parameters, code } })
    expect(Object.keys(error)).toEqual(Object.keys(alone))
    expect(error.stack).toContain('driver-writes.int.test')
  })

  it('gives the connection back when it fails', async () => {
    await sequelize.query(breakIt)
    // The pool has one connection.
    for (let times = 1; times <= 3; times++) await failureOf(execute(model))
    await sequelize.query(mendIt)
    await execute(model)
    expect(await names()).toBe(statement.names)
  })

  it('fails when its connection was cut, and the next one has another', async () => {
    const transaction = await sequelize.transaction()
    const cut = new Promise((resolve) => {
      ;(driverOf(transaction) as EventEmitter).once('end', resolve)
    })
    const other = new Sequelize(scope.databaseUrl, { logging: false })
    const [[backend]] = await sequelize.query('SELECT pg_backend_pid() AS pid', { transaction })
    await other.query(`SELECT pg_terminate_backend(${(backend as { pid: number }).pid})`)
    await other.close()
    await cut
    expect(await failureOf(execute(model, { transaction }))).toBeInstanceOf(DatabaseError)
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await transaction.rollback().catch(() => undefined)
    vi.restoreAllMocks()
    await execute(model)
    expect(await names()).toBe(statement.names)
  })

  it('marks a connection that was reset, so that the pool does not use it again', async () => {
    const transaction = await sequelize.transaction()
    const driver = driverOf(transaction)
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    const query = (...args: readonly unknown[]): void => (args.at(-1) as (error: Error) => void)(reset)
    Object.assign(driver, { query })
    const error = await failureOf(execute(model, { transaction }))
    Reflect.deleteProperty(driver, 'query')
    expect(error).toMatchObject({ name: 'SequelizeDatabaseError', parent: reset })
    expect(driver).toMatchObject({ _invalid: true })
    await transaction.rollback()
  })

  it('is refused, as by Sequelize, in a transaction that has ended', async () => {
    const transaction = await sequelize.transaction()
    await transaction.commit()
    const error = await failureOf(execute(model, { transaction }))
    expect(error).toMatchObject({ message: expect.stringContaining('commit has been called') as unknown })
    expect(await names()).toBe('a')
  })

  it('is logged as the options say', async () => {
    const logged: string[] = []
    const logging = (line: string): number => logged.push(line)
    const alone: readonly unknown[] = [
      expect.stringMatching(/START/),
      expect.stringMatching(executed),
      expect.stringMatching(/COMMIT/),
    ]
    await execute(model, { logging })
    expect(logged).toEqual(alone)
    await execute(model, { logging: false })
    expect(logged).toHaveLength(3)
    const { options } = sequelize as unknown as { options: { logging: unknown } }
    options.logging = logging
    await execute(model, { logging: undefined } as object)
    options.logging = false
    expect(logged).toEqual([...alone, ...alone])
  })

  it('tells its time to who asks for that', async () => {
    const times: unknown[] = []
    const logging = (_line: string, ms?: number): unknown => times.push(ms)
    await execute(model, { logging, benchmark: true })
    expect(times).toContainEqual(expect.any(Number))
  })

  it('is left to Sequelize where there are defaults for queries', async () => {
    const { options } = sequelize as unknown as { readonly options: { query: object | undefined } }
    const spy = vi.spyOn(Sequelize.prototype, 'query')
    const told = (): boolean =>
      spy.mock.calls.some(([made]) => (typeof made === 'string' ? made : made.query).startsWith(`${sql} `))
    await execute(model)
    expect(told()).toBe(false)
    await fillTable()
    const before = options.query
    options.query = { useMaster: true }
    await execute(model)
    options.query = before
    expect(told()).toBe(true)
    spy.mockRestore()
  })

  it.each([{ replacements: { name: 'x' } }, { bind: { name: 'x' } }])(
    'takes %o of a call as Sequelize does',
    async (options) => {
      const outcome = async (of: ModelStatic<Model>): Promise<unknown> => {
        await fillTable()
        const error = (await failureOf(execute(of, options as Options))) as Error | undefined
        return { message: error?.message, names: await names() }
      }
      expect(await outcome(model)).toEqual(await outcome(plain))
    },
  )

  it('is seen by who listens to queries', async () => {
    const heard: unknown[] = []
    sequelize.addHook(
      'beforeQuery',
      'heard',
      (options) => void heard.push((options as { type: unknown }).type),
    )
    await execute(model)
    sequelize.removeHook('beforeQuery', 'heard')
    expect(heard).toContain(sql)
  })

  it('is seen, with its COMMIT, by who traces Sequelize.prototype.query', async () => {
    const spy = vi.spyOn(Sequelize.prototype, 'query')
    Object.assign(Reflect.get(Sequelize.prototype, 'query'), { __wrapped: true })
    await execute(model)
    const traced = spy.mock.calls.map(([made]) => (made as { query?: string }).query ?? made)
    spy.mockRestore()
    expect(traced).toEqual([expect.stringMatching(`^${sql} `), 'COMMIT;'])
  })
})

describe('what a statement makes of its record', () => {
  it('is what the database has', async () => {
    const made = await model.create({ name: 'b' })
    expect(made.get()).toEqual({ id: expect.any(Number) as unknown, name: 'b', madeBy: 'default' })
    await one(plain).update({ madeBy: 'somebody' })
    const changed = one(model)
    await changed.update({ name: 'c' }, { returning: true })
    expect(changed.get()).toEqual({ id: 1, name: 'c', madeBy: 'somebody' })
  })

  it('is left to Sequelize where no row was written', async () => {
    const failures = await Promise.all(
      [plain, model].map((each) => failureOf(each.create({ id: 1, name: 'b' }, { ignoreDuplicates: true }))),
    )
    expect(failures[1]).toEqual(failures[0])
    expect(failures[1]).toMatchObject({ name: 'SequelizeEmptyResultError' })
  })

  it('is refused where another has changed the version', async () => {
    const versioned = define('Versioned', { version: true })
    updateStream(versioned, {
      updateStreamer: new UpdateStreamer({ producer: new RecordingProducer(), logger: silentLogger }),
    })
    await versioned.create({ id: 2, name: 'b' })
    const [record, same] = [await versioned.findByPk(2), await versioned.findByPk(2)]
    await same?.update({ name: 'c' })
    expect(await failureOf(Promise.resolve(record?.update({ name: 'd' })))).toBeInstanceOf(
      OptimisticLockError,
    )
    expect(await names()).toBe('a c')
  })
})

describe('a DELETE with cascading hooks', () => {
  it('fails with what went wrong with a child, and then nothing was deleted, or told as changed', async () => {
    await sequelize.query('CREATE TABLE children (id int PRIMARY KEY, parent_id int REFERENCES things)')
    const parent = define('Parent')
    const child = sequelize.define(
      'Child',
      {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        parentId: { type: DataTypes.INTEGER, field: 'parent_id' },
      },
      { tableName: 'children', timestamps: false },
    )
    parent.hasMany(child, { foreignKey: 'parentId', onDelete: 'CASCADE', hooks: true })
    const producer = new RecordingProducer()
    const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
    for (const each of [parent, child]) updateStream(each, { updateStreamer })
    await child.bulkCreate([11, 12].map((id) => ({ id, parentId: 1 })))
    await updateStreamer.flush()
    producer.take()
    child.beforeDestroy((record) => {
      if (record.get('id') === 12) throw new Error('the second child stays')
    })
    await expect(one(parent).destroy()).rejects.toThrow('the second child stays')
    await updateStreamer.flush()
    expect(await names()).toBe('a')
    expect((await child.findAll({ order: ['id'] })).map((each) => each.get('id'))).toEqual([11, 12])
    // A delay message too many does no harm.
    expect(producer.take().filter(({ topic }) => topic !== 'delay_5m')).toEqual([])
    await sequelize.query('DROP TABLE children')
  })
})

describe('parameters', () => {
  it('are logged for who asks for them', async () => {
    const logged: string[] = []
    const options = { logging: (line: string) => logged.push(line), logQueryParameters: true }
    await model.create({ name: 'what is bound' }, options)
    expect(logged.join()).toContain('what is bound')
  })

  it('are not logged else', async () => {
    const logged: string[] = []
    await model.create({ name: 'what is bound' }, { logging: (line) => logged.push(line) })
    expect(logged.join()).toContain('INSERT')
    expect(logged.join()).not.toContain('what is bound')
  })
})
