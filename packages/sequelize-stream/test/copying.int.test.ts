import { silentLogger } from '@kt/core'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { RecordingProducer } from './support/recording-producer.ts'
import type { SentMessage } from './support/recording-producer.ts'

/** A `Model.update` in a transaction of ours tells of its rows by `COPY (UPDATE … RETURNING …)`. */

/** PostgreSQL sends what it has copied by 8 kB: more rows than those of a chunk that is full. */
const count = 13_000
const producer = new RecordingProducer()
const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
const statements: string[] = []
let scope: TestScope
let sequelize: Sequelize
let other: Sequelize
let Numbered: ModelStatic<Model>
let Named: ModelStatic<Model>

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: (sql) => void statements.push(sql) })
  other = new Sequelize(scope.databaseUrl, { logging: false })
  const { INTEGER, JSONB, TEXT } = DataTypes
  Numbered = sequelize.define(
    'Numbered',
    { id: { type: INTEGER, primaryKey: true }, value: INTEGER },
    { tableName: 'numbered', timestamps: false },
  )
  Named = sequelize.define(
    'Named',
    {
      site: { type: TEXT, primaryKey: true },
      name: { type: TEXT, primaryKey: true },
      note: TEXT,
      more: JSONB,
    },
    { tableName: 'named', timestamps: false },
  )
  await sequelize.sync()
  for (const model of [Numbered, Named]) updateStream(model, { updateStreamer })
})
afterAll(async () => {
  await updateStreamer.close()
  await Promise.all([sequelize.close(), other.close()])
  await scope.close()
})
beforeEach(async () => {
  await other.query(
    `TRUNCATE numbered, named; INSERT INTO numbered SELECT i, 0 FROM generate_series(1, ${count}) i`,
  )
  producer.before = () => undefined
  producer.take()
  statements.length = 0
})

async function sent(): Promise<{ delays: readonly string[]; instants: readonly string[] }> {
  await updateStreamer.flush()
  const messages = producer.take()
  const keys = (isDelay: boolean): string[] =>
    messages.filter(({ topic }) => (topic === 'delay_5m') === isDelay).map(({ key }) => key ?? '')
  return { delays: keys(true), instants: keys(false) }
}

const changeIds = (messages: readonly SentMessage[]): readonly unknown[] =>
  messages.map(({ key, headers }) => [key, headers])

/** Resolves with the next messages; `then` is what Kafka does about them. */
function nextMessages(then: () => void = () => undefined): Promise<readonly SentMessage[]> {
  return new Promise((resolve) => {
    producer.before = (messages) => {
      producer.before = () => undefined
      resolve(messages)
      then()
    }
  })
}

/** Keeps the last row from being written until it is released. */
async function lockLast(): Promise<() => Promise<void>> {
  const transaction = await other.transaction()
  await other.query(`SELECT * FROM numbered WHERE id = ${count} FOR UPDATE`, { transaction })
  return () => transaction.commit()
}

const updateAll = (): Promise<unknown> => Numbered.update({ value: 1 }, { where: { value: 0 } })

describe('an UPDATE of many rows', () => {
  it('has delay messages sent while it is at work, and each row told of once', async () => {
    const release = await lockLast()
    const first = nextMessages()
    const updating = updateAll()
    const chunk = await first
    await release()
    expect(chunk).toHaveLength(2_000)
    await expect(updating).resolves.toEqual([count])
    await updateStreamer.flush()
    const messages = producer.take()
    const [delays, instants] = [messages.slice(0, count), messages.slice(count)]
    expect(new Set(delays.map(({ key }) => key)).size).toBe(count)
    expect(changeIds(instants)).toEqual(changeIds(delays))
    expect(statements.filter((sql) => sql.includes('SELECT'))).toEqual([])
  })

  it('has all of them sent again when Kafka was away meanwhile', async () => {
    const release = await lockLast()
    const failed = nextMessages(() => {
      throw new Error('Kafka is away')
    })
    const updating = updateAll()
    await failed
    await release()
    await expect(updating).resolves.toEqual([count])
    const { delays, instants } = await sent()
    expect([delays.length, instants.length]).toEqual([count, count])
  })

  it('that fails in the end tells of nothing', async () => {
    const release = await lockLast()
    const first = nextMessages()
    const value = sequelize.literal(`1 / (${count} - id)`) as never
    const failed = Numbered.update({ value }, { where: {} }).catch((error: unknown) => error)
    await first
    await release()
    expect(await failed).toMatchObject({ message: 'division by zero' })
    expect((await sent()).instants).toEqual([])
    expect(await Numbered.count({ where: { value: 0 } })).toBe(count)
  })

  it('is not committed while Kafka refuses', async () => {
    producer.before = () => {
      throw new Error('Kafka is away')
    }
    await expect(updateAll()).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
    expect(await Numbered.count({ where: { value: 0 } })).toBe(count)
  })
})

it('keys and values may be any text', async () => {
  const keys = ['a\tb', 'a\nb', String.raw`a\tb`, '\\', '$1', '{}', 'ä', '']
  const rows = keys.map((name) => ({ site: '\\N', name, note: 'old' }))
  await Named.bulkCreate(rows.slice(0, -1))
  await updateStreamer.flush()
  const { instants: created } = await sent()
  const note = String.raw`it's $1 \n`
  const more = { price: '$1', nested: [1, { note }] }
  await expect(Named.update({ note, more }, { where: { note: 'old' } })).resolves.toEqual([keys.length - 1])
  expect((await sent()).delays.toSorted()).toEqual(created.toSorted())
  const [named] = await Named.findAll({ where: { name: 'ä' }, raw: true })
  expect(named).toEqual({ site: '\\N', name: 'ä', note, more })
  expect(statements.some((sql) => sql.includes('COPY (UPDATE "named"'))).toBe(true)
})

it('a table with rules, which COPY does not write, is written otherwise', async () => {
  await other.query(`CREATE RULE noted AS ON UPDATE TO numbered DO ALSO NOTIFY noted`)
  for (const value of [1, 2]) {
    await expect(Numbered.update({ value }, { where: { value: value - 1 } })).resolves.toEqual([count])
    const { delays, instants } = await sent()
    expect([new Set(delays).size, new Set(instants).size]).toEqual([count, count])
  }
  expect(statements.filter((sql) => sql.includes('COPY'))).toHaveLength(1)
})
