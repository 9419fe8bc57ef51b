import { KtError } from '@kt/core'
import { createTestScope, gate } from 'testkit'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { outbox, updateStream, UpdateStreamer } from '../../src/index.ts'
import { openStage } from '../support/outbox-stage.ts'
import type { Stage, StageOptions } from '../support/outbox-stage.ts'
import { RecordingProducer } from '../support/recording-producer.ts'

const scope = await createTestScope(import.meta.url)
afterAll(() => scope.close())

const kafkaAway = new KtError('KT_PRODUCE_TIMEOUT', 'Kafka is away', { retryable: true })
const { databaseUrl } = scope
let recorder: RecordingProducer
let attempts: number
let isAway: boolean

beforeEach(() => {
  recorder = new RecordingProducer()
  attempts = 0
  isAway = false
  recorder.before = () => {
    attempts += 1
    if (isAway) throw kafkaAway
  }
})

/** Probes and relays nothing unless a test enables it. */
async function stage(own: OutboxOptionsOf = {}, rest: Partial<StageOptions> = {}): Promise<Stage> {
  const opened = await openStage({
    databaseUrl,
    producer: recorder,
    outbox: { probeMs: 3_600_000, relay: false, ...own },
    ...rest,
  })
  await opened.streamer.start()
  await opened.sequelize.query(`TRUNCATE ${opened.outbox.table.name}`)
  opened.statements()
  return opened
}
type OutboxOptionsOf = NonNullable<StageOptions['outbox']>

async function emptied(app: Stage): Promise<void> {
  await scope.waitFor(async () => (await app.stored()).length === 0, { what: 'An empty outbox' })
}

describe('while Kafka is up', () => {
  it('no statement contains the table', async () => {
    await using app = await stage({ relay: true })
    const { City, sequelize, streamer } = app
    await City.create({ id: 1, version: 0, tag: null })
    await sequelize.transaction(async (transaction) => {
      await City.update({ version: 1 }, { where: { id: 1 }, transaction })
    })
    await streamer.bulk({ model: City, where: {} }, () => Promise.resolve())
    await City.destroy({ where: {} })
    await streamer.flush()
    expect(recorder.sent).toHaveLength(8)
    const statements = app.statements()
    expect(statements.length).toBeGreaterThan(10)
    expect(statements.filter((sql) => sql.includes('kt_outbox'))).toEqual([])
    expect(streamer.circuit).toBe('closed')
  })
})

describe('while Kafka is down', () => {
  it('writes commit with their messages, and only the first of them asks Kafka', async () => {
    await using app = await stage()
    isAway = true
    for (let id = 1; id <= 20; id++) await app.City.create({ id, version: 0, tag: null })
    await app.City.update({ version: 1 }, { where: { id: [1, 2] } })
    expect([attempts, app.streamer.circuit]).toEqual([1, 'open'])
    expect(await app.City.count()).toBe(20)
    const rows = await app.stored()
    expect(rows.map((row) => `${row.topic}:${row.record_key}`)).toEqual(
      [...Array(20).keys(), 0, 1].map((index) => `cities:${index + 1}`),
    )
    expect(rows.at(-1)?.payload).toBe('{"id":2,"version":1}')
    expect(await app.outbox.count()).toBe(22)
    expect(app.counters.get('kt_outbox_stored_total')).toBe(22)
    expect(recorder.sent).toEqual([])
  })

  it('a write waits no longer than waitMs, and only once', async () => {
    const never = gate()
    recorder.before = async () => {
      attempts += 1
      await never.opened
    }
    await using app = await stage({ waitMs: 50 })
    await Promise.all([1, 2, 3].map((id) => app.City.create({ id, version: 0, tag: null })))
    await app.City.create({ id: 4, version: 0, tag: null })
    expect(attempts).toBeLessThanOrEqual(3)
    expect(await app.stored()).toHaveLength(4)
    never.open()
  })

  it('a rolled back transaction or savepoint leaves nothing', async () => {
    await using app = await stage()
    const { City, sequelize } = app
    isAway = true
    const failing = sequelize.transaction(async (transaction) => {
      await City.create({ id: 1, version: 0, tag: null }, { transaction })
      throw new Error('of the work')
    })
    await expect(failing).rejects.toThrow('of the work')
    expect(await app.stored()).toEqual([])
    await sequelize.transaction(async (transaction) => {
      await City.create({ id: 2, version: 0, tag: null }, { transaction })
      const inner = sequelize.transaction({ transaction }, async (savepoint) => {
        await City.create({ id: 3, version: 0, tag: null }, { transaction: savepoint })
        throw new Error('of the savepoint')
      })
      await inner.catch(() => undefined)
    })
    expect((await app.stored()).map((row) => row.record_key)).toEqual(['2'])
  })

  it('a rolled back savepoint with bulk() removes no other messages', async () => {
    await using app = await stage()
    const { City, sequelize, streamer } = app
    isAway = true
    await sequelize.transaction(async (transaction) => {
      await City.create({ id: 1, version: 0, tag: null }, { transaction })
      const inner = sequelize.transaction({ transaction }, (savepoint) =>
        streamer.bulk({ model: City, where: { id: 1 } }, () => Promise.reject(new Error('no')), {
          transaction: savepoint,
        }),
      )
      await inner.catch(() => undefined)
    })
    expect((await app.stored()).map((row) => row.record_key)).toEqual(['1'])
  })

  it('a transaction with a failed statement commits nothing, as without an outbox', async () => {
    await using app = await stage()
    isAway = true
    const transaction = await app.sequelize.transaction()
    await app.City.create({ id: 1, version: 0, tag: null }, { transaction })
    await app.City.create({ id: 1, version: 0, tag: null }, { transaction }).catch(() => undefined)
    await transaction.commit()
    expect([await app.City.count(), await app.stored()]).toEqual([0, []])
  })

  it("a transaction whose messages can't be stored is rejected and rolled back", async () => {
    await using app = await stage({ table: 'kt_outbox_gone' })
    isAway = true
    await app.sequelize.query('DROP TABLE kt_outbox_gone')
    const error: unknown = await app.City.create({ id: 1, version: 0, tag: null }).catch(
      (each: unknown) => each,
    )
    expect(error).toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED', retryable: true })
    expect(await app.City.count()).toBe(0)
    await app.City.create({ id: 1, version: 0, tag: null })
    expect(await app.stored()).toHaveLength(1)
  })

  it('messages that Kafka received before it went down are harmlessly sent twice', async () => {
    const { before } = recorder
    recorder.before = async (messages) => {
      if (attempts > 0) isAway = true
      await before(messages)
    }
    await using app = await stage()
    const rows = [...Array(10_001).keys()].map((id) => ({ id, version: 0, tag: null }))
    await app.City.bulkCreate(rows)
    expect([recorder.take().length, (await app.stored()).length]).toEqual([10_000, 10_001])
    const inserts = app.statements().filter((sql) => sql.includes('INSERT INTO "kt_outbox"'))
    expect(Math.max(...inserts.map((sql) => sql.split('),(').length))).toBeLessThanOrEqual(1_000)
  })

  it('a write whose messages could never be sent is rejected and not stored', async () => {
    await using app = await stage()
    recorder.before = () => {
      throw new KtError('KT_CLOSED', 'The producer is closed', { retryable: false })
    }
    const creating = app.City.create({ id: 1, version: 0, tag: null })
    await expect(creating).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
    expect([await app.stored(), app.streamer.circuit]).toEqual([[], 'closed'])
  })

  it('a starting application with a single connection does not reject', async () => {
    await using app = await openStage({
      databaseUrl,
      producer: recorder,
      connections: 1,
      outbox: { table: 'kt_outbox_new', relay: false },
    })
    isAway = true
    await app.City.create({ id: 1, version: 0, tag: null })
    expect(await app.stored()).toHaveLength(1)
  })

  it("but rejects in a caller's transaction that has that connection, and releases it", async () => {
    await using app = await openStage({
      databaseUrl,
      producer: recorder,
      connections: 1,
      outbox: { table: 'kt_outbox_late', waitMs: 100, relay: false },
    })
    isAway = true
    const write = (): Promise<unknown> =>
      app.sequelize.transaction((transaction) =>
        app.City.create({ id: 1, version: 0, tag: null }, { transaction }),
      )
    await expect(write()).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
    // The table is created as soon as the connection is free.
    await scope.waitFor(() => write().then(() => true))
    expect(await app.stored()).toHaveLength(1)
  })
})

describe('when Kafka is up again', () => {
  it('one message detects it, the outbox is emptied, and writes use Kafka again', async () => {
    await using app = await stage({ probeMs: 10, relay: true })
    isAway = true
    for (let version = 0; version < 5; version++) await app.City.upsert({ id: 1, version, tag: null })
    expect(app.streamer.circuit).not.toBe('closed')
    isAway = false
    await scope.waitFor(async () => {
      await app.City.upsert({ id: 2, version: 0, tag: null })
      return app.streamer.circuit === 'closed'
    })
    await emptied(app)
    const instants = recorder.take().filter((each) => each.topic === 'cities')
    const ofFirst = instants.filter((each) => each.key === '1').map((each) => each.value)
    // The relay may have sent the oldest message twice to probe Kafka.
    expect([...new Set(ofFirst)]).toEqual(
      [0, 1, 2, 3, 4].map((version) => JSON.stringify({ id: 1, version })),
    )
    app.statements()
    await app.City.upsert({ id: 3, version: 0, tag: null })
    expect(app.statements().filter((sql) => sql.includes('kt_outbox'))).toEqual([])
    expect(recorder.take().map((each) => each.topic)).toContain('delay_5m')
  })

  it('a slow Kafka is still considered down', async () => {
    await using app = await stage({ probeMs: 10, waitMs: 50 })
    isAway = true
    await app.City.create({ id: 1, version: 0, tag: null })
    const slow = gate()
    recorder.before = () => slow.opened
    await scope.waitFor(async () => {
      await app.City.upsert({ id: 1, version: 1, tag: null })
      return app.streamer.circuit === 'half-open'
    })
    await scope.waitFor(() => app.streamer.circuit !== 'half-open')
    expect(app.streamer.circuit).toBe('open')
    slow.open()
  })

  it('another process relays the stored messages of a dead one', async () => {
    await using dead = await stage()
    isAway = true
    await dead.City.create({ id: 1, version: 0, tag: null })
    isAway = false
    await using next = await openStage({ databaseUrl, producer: recorder })
    await next.streamer.start()
    await emptied(next)
    expect(recorder.take().map((each) => each.value)).toEqual(['{"id":1,"version":0}'])
  })
})

it('may be created concurrently', async () => {
  await using app = await stage()
  const boxes = Array.from({ length: 5 }, () => outbox(app.sequelize, { table: 'kt_outbox_many' }))
  await Promise.all(boxes.map((each) => each.create()))
  expect(await boxes[0]?.count()).toBe(0)
})

it('rejects invalid options', async () => {
  await using app = await stage()
  const { sequelize, outbox: box } = app
  expect(() => outbox(sequelize, { waitMs: 0 })).toThrow('"waitMs"')
  expect(() => box.relay({ producer: recorder, pollMs: 1 })).toThrow('"pollMs"')
  const tooLong = { producer: recorder, delayMs: 2_000, whenUnavailable: box }
  expect(() => new UpdateStreamer(tooLong)).toThrow('a quarter of "delayMs"')
  // @ts-expect-error an invalid value
  expect(() => new UpdateStreamer({ producer: recorder, whenUnavailable: 'store' })).toThrow(
    '"whenUnavailable"',
  )
  await using elsewhere = await openStage({ databaseUrl, producer: recorder })
  const Other = elsewhere.sequelize.define('Other', {})
  expect(() => updateStream(Other, { updateStreamer: app.streamer })).toThrow('a different database')
})
