import { silentLogger } from '@kt/core'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic, Transaction } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { RecordingProducer } from './support/recording-producer.ts'

/**
 * A transaction of ours begins along with its first statement, and its COMMIT goes straight to the driver. Of the
 * statements in between, see `driver-writes.int.test.ts`.
 */

interface Driver {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>
}

const producer = new RecordingProducer()
let scope: TestScope
let sequelize: Sequelize

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false, pool: { max: 1 } })
  await sequelize.query(
    `CREATE TABLE things (id serial PRIMARY KEY, name text); SELECT setval('things_id_seq', 100)`,
  )
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})
beforeEach(async () => {
  await sequelize.query(`TRUNCATE things; INSERT INTO things VALUES (1, 'a')`)
  producer.take()
})

function streamed(name: string, updateStreamer: UpdateStreamer): ModelStatic<Model> {
  const attributes = {
    id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
    name: DataTypes.TEXT,
  }
  const model = sequelize.define(name, attributes, { tableName: 'things', timestamps: false })
  updateStream(model, { updateStreamer })
  return model
}

function driverOf(transaction: Transaction): Driver {
  return (transaction as unknown as { readonly connection: Driver }).connection
}

async function names(): Promise<string> {
  const [rows] = await sequelize.query('SELECT name FROM things ORDER BY id')
  return (rows as { name: string }[]).map(({ name }) => name).join(' ')
}

describe('a transaction that can not begin', () => {
  // PostgreSQL takes no time-out that is so long.
  const tooLong = { producer, delayMs: Number.MAX_SAFE_INTEGER, logger: silentLogger }
  const updateStreamer = new UpdateStreamer(tooLong)
  let model: ModelStatic<Model>
  beforeAll(() => {
    model = streamed('Unbegun', updateStreamer)
  })

  const outOfRange = /invalid value for parameter/

  it('does not execute a statement with parameters', async () => {
    await expect(model.create({ name: 'b' })).rejects.toThrow(outOfRange)
    expect(await names()).toBe('a')
  })

  it('does not execute a statement without parameters', async () => {
    await expect(model.build({ id: 1 }, { isNewRecord: false }).destroy()).rejects.toThrow(outOfRange)
    expect(await names()).toBe('a')
  })

  it('does not execute what is given to the driver itself', async () => {
    const target = model.build({ id: 1 }, { isNewRecord: false })
    const insert = (transaction: Transaction): Promise<unknown> =>
      driverOf(transaction).query(`INSERT INTO things (name) VALUES ('b')`)
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await expect(updateStreamer.bulk(target, insert)).rejects.toThrow(outOfRange)
    vi.restoreAllMocks()
    expect(await names()).toBe('a')
  })
})

describe('the first statement of a transaction', () => {
  const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
  let target: Model
  beforeAll(() => {
    target = streamed('Begun', updateStreamer).build({ id: 1 }, { isNewRecord: false })
  })

  it.each([`UPDATE things SET name = 'b'`, `UPDATE things SET name = 'c'; UPDATE things SET name = 'b'`])(
    'is in it, also when given to the driver itself: %s',
    async (sql) => {
      await updateStreamer.bulk(target, (transaction) => driverOf(transaction).query(sql))
      expect(await names()).toBe('b')
      const rolledBack = updateStreamer.bulk(target, async (transaction) => {
        await driverOf(transaction).query(`UPDATE things SET name = 'd'`)
        throw new Error('never mind')
      })
      await expect(rolledBack).rejects.toThrow('never mind')
      expect(await names()).toBe('b')
    },
  )

  it('returns what it returns alone', async () => {
    const select = (sql: string, options: object): Promise<unknown> => sequelize.query(sql, { ...options })
    for (const sql of ['SELECT name FROM things', 'SELECT 1 AS one; SELECT 2 AS two']) {
      const [alone] = (await select(sql, {})) as unknown[]
      const [first] = (await updateStreamer.bulk(target, (transaction) =>
        select(sql, { transaction }),
      )) as unknown[]
      expect(first).toEqual(alone)
    }
  })

  it('fails as it does alone', async () => {
    const wrong = (options: object): Promise<unknown> => sequelize.query('SELECT nonsense', options)
    const alone: unknown = await wrong({}).catch((error: unknown) => error)
    const first: unknown = await updateStreamer
      .bulk(target, (transaction) => wrong({ transaction }))
      .catch((error: unknown) => error)
    expect(first).toMatchObject({ name: 'SequelizeDatabaseError', original: { position: '8' } })
    expect(first).toMatchObject({ sql: (alone as { sql: string }).sql, original: { position: '8' } })
  })

  it('may be none at all', async () => {
    expect(await updateStreamer.bulk(target, () => Promise.resolve('done'))).toBe('done')
    await expect(updateStreamer.bulk(target, () => Promise.reject(new Error('never mind')))).rejects.toThrow(
      'never mind',
    )
    expect(await names()).toBe('a')
  })
})

describe('the COMMIT of a transaction of ours', () => {
  let model: ModelStatic<Model>
  beforeAll(async () => {
    model = streamed('Committed', new UpdateStreamer({ producer, logger: silentLogger }))
    await sequelize.query(
      'ALTER TABLE things ADD CONSTRAINT late UNIQUE (name) DEFERRABLE INITIALLY DEFERRED',
    )
  })

  it('fails as that of any other', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const error: unknown = await model.create({ name: 'a' }).catch((reason: unknown) => reason)
    vi.restoreAllMocks()
    const fields = { name: 'a' }
    expect(error).toMatchObject({
      name: 'SequelizeUniqueConstraintError',
      fields,
      parent: { sql: 'COMMIT;' },
    })
    expect(await names()).toBe('a')
  })

  it('is seen by who logs statements', async () => {
    const statements: string[] = []
    await model.create({ name: 'b' }, { logging: (sql) => statements.push(sql) })
    expect(statements.at(-1)).toMatch(/^Executing \(.+\): COMMIT;$/)
  })

  it('is seen by who listens to queries', async () => {
    const heard: unknown[] = []
    sequelize.addHook('afterQuery', 'heard', (_options, query) => {
      heard.push((query as unknown as { readonly sql: unknown }).sql)
    })
    await model.create({ name: 'b' })
    sequelize.removeHook('afterQuery', 'heard')
    expect(heard).toContain('COMMIT;')
  })

  it('is seen by who stands in for Sequelize.query', async () => {
    const query = vi.spyOn(sequelize, 'query')
    await model.create({ name: 'b' })
    expect(query.mock.calls.map(([sql]) => sql)).toContain('COMMIT;')
    query.mockRestore()
  })
})
