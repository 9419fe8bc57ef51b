import { KtError, silentLogger } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { Sequelize } from 'sequelize'
import type { Model, ModelStatic, Transaction, QueryOptions } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { createHarness, told } from './support/harness.ts'
import type { Harness } from './support/harness.ts'
import { RecordingProducer } from './support/recording-producer.ts'
import { writePaths } from './support/write-paths.ts'

const warn = vi.fn<(message: string) => void>()
const nothing = { delays: [], instants: [], references: {} }
const kafkaAway = new Error('Kafka is away')
let harness: Harness

beforeAll(async () => {
  harness = await createHarness(import.meta.url, { ...silentLogger, warn })
})
afterAll(() => harness.close())
beforeEach(async () => {
  await harness.reset()
  harness.counters.clear()
  warn.mockClear()
})

function failDelays(): void {
  harness.recorder.before = ([first]) => {
    if (first?.topic === harness.delayTopic) throw kafkaAway
  }
}

function failInstants(): void {
  harness.recorder.before = ([first]) => {
    if (first?.topic !== harness.delayTopic) throw kafkaAway
  }
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('delay messages that Kafka does not acknowledge', () => {
  const changing = writePaths.filter((path) => path.changes.length > 0)

  it.each(changing)('roll $name back', async (path) => {
    const before = await harness.committed()
    failDelays()
    const error = await rejection(path.write(harness.models, {}))
    await harness.streamer.flush()
    expect(KtError.isInstance(error, 'KT_DELAY_NOT_ACKNOWLEDGED')).toBe(true)
    expect(error).toMatchObject({ retryable: true, cause: kafkaAway })
    expect(await harness.committed()).toBe(before)
    expect(harness.recorder.take()).toEqual([])
    expect(harness.counters.get('kt_stream_delay_failures_total')).toBeGreaterThan(0)
  })

  it('roll back a managed transaction', async () => {
    const before = await harness.committed()
    failDelays()
    const error = await rejection(
      harness.sequelize.transaction((transaction) =>
        harness.models.City.create({ name: 'Ulm' }, { transaction }),
      ),
    )
    expect(error).toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
    expect(await harness.committed()).toBe(before)
  })

  it('leave an unmanaged transaction that may be rolled back again', async () => {
    failDelays()
    const transaction = await harness.sequelize.transaction()
    await harness.models.City.create({ name: 'Ulm' }, { transaction })
    expect(await rejection(transaction.commit())).toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
    await expect(transaction.rollback()).resolves.toBeUndefined()
  })

  it('leave the record unchanged, to be saved again', async () => {
    const { City } = harness.models
    failDelays()
    const created = City.build({ name: 'Ulm' })
    await rejection(created.save())
    const updated = await City.findByPk(1, { rejectOnEmpty: true })
    updated.name = 'Cölln'
    await rejection(updated.save())
    expect([created.isNewRecord, created.id, updated.changed()]).toEqual([true, null, ['name']])
    harness.recorder.before = () => undefined
    await created.save()
    await updated.save()
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:1', 'cities:1002'])
  })
})

describe('instant messages that can not be sent', () => {
  it('are logged and counted, and the write succeeds', async () => {
    failInstants()
    await harness.models.City.update({ population: 1 }, { where: { id: 1 } })
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take())).toEqual({ ...nothing, delays: ['cities:1'] })
    expect(harness.counters.get('kt_stream_instant_failures_total')).toBe(1)
    expect(warn).toHaveBeenCalledTimes(1)
    expect((await harness.models.City.findByPk(1))?.population).toBe(1)
  })
})

describe('a COMMIT', () => {
  async function deferred(transaction: Transaction): Promise<void> {
    const { City } = harness.models
    await harness.sequelize.query('SET CONSTRAINTS late DEFERRED', { transaction })
    await City.create({ name: 'Ulm', countryCode: 'XX' }, { transaction })
  }

  it('that fails sends no instant message', async () => {
    await harness.sequelize.query(
      'ALTER TABLE cities DROP CONSTRAINT cities_country_code_fkey; ALTER TABLE cities ADD CONSTRAINT late FOREIGN KEY (country_code) REFERENCES countries (code) DEFERRABLE',
    )
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await expect(harness.sequelize.transaction(deferred)).rejects.toThrow(/late/)
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take())).toEqual({ ...nothing, delays: ['cities:1001'] })
    vi.restoreAllMocks()
  })

  it('after a failed statement is a rollback, and sends no instant message', async () => {
    const transaction = await harness.sequelize.transaction()
    await harness.models.City.create({ name: 'Ulm' }, { transaction })
    await rejection(harness.models.City.create({ name: 'Ulm' }, { transaction }))
    await transaction.commit()
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual([])
  })

  it('that succeeded sends instant messages even if an afterCommit hook throws', async () => {
    const transaction = await harness.sequelize.transaction()
    transaction.afterCommit(() => Promise.reject(new Error('of the hook')))
    await harness.models.City.create({ name: 'Ulm' }, { transaction })
    await expect(transaction.commit()).rejects.toThrow('of the hook')
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:1001'])
  })
})

describe('savepoints', () => {
  it('only roll back their own changes', async () => {
    const { City } = harness.models
    await harness.sequelize.transaction(async (transaction) => {
      await City.update({ population: 1 }, { where: { id: 1 }, transaction })
      const failed = harness.sequelize.transaction({ transaction }, async (inner) => {
        await City.update({ population: 2 }, { where: { id: [1, 2] }, transaction: inner })
        throw new Error('of the savepoint')
      })
      await rejection(failed)
      await City.update({ population: 3 }, { where: { id: 3 }, transaction })
    })
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:1', 'cities:3'])
  })

  it('that Sequelize does not really roll back keep what the database keeps', async () => {
    const { City } = harness.models
    await harness.sequelize.transaction(async (transaction) => {
      const outer = await harness.sequelize.transaction({ transaction })
      await City.update({ population: 7 }, { where: { id: 1 }, transaction: outer })
      const inner = await harness.sequelize.transaction({ transaction: outer })
      await City.update({ population: 7 }, { where: { id: 2 }, transaction: inner })
      // By now Sequelize has given the outer savepoint the inner one's name.
      await outer.rollback()
    })
    await harness.streamer.flush()
    const kept = await City.findAll({ where: { population: 7 } })
    const { instants } = told(harness, harness.recorder.take())
    expect(instants).toEqual(kept.map((city) => `cities:${city.id}`))
    expect(instants).toEqual(['cities:1'])
  })
})

describe('the idle timeout of a transaction', () => {
  it("is set in the caller's transactions when they commit", async () => {
    const { City } = harness.models
    let timeout: unknown
    await harness.sequelize.transaction(async (transaction) => {
      await City.create({ name: 'Ulm' }, { transaction })
      harness.recorder.before = async ([first]) => {
        if (first?.topic !== harness.delayTopic) return
        const [rows] = await harness.sequelize.query(
          `SELECT current_setting('idle_in_transaction_session_timeout') AS timeout`,
          // Sequelize refuses other statements by then.
          { transaction, completesTransaction: true } as QueryOptions,
        )
        timeout = rows[0]
      }
    })
    expect(timeout).toEqual({ timeout: '150s' })
  })

  it('is set in our own transactions from the start', async () => {
    const statements: string[] = []
    await harness.models.City.create({ name: 'Ulm' }, { logging: (sql) => statements.push(sql) })
    expect(statements).toHaveLength(3)
    expect(statements[0]).toContain('START TRANSACTION; ')
    expect(await timeoutWithin({})).toBe('150s')
  })

  it('is not changed if the connection has a shorter one', async () => {
    expect(await timeoutWithin({ idle_in_transaction_session_timeout: 60_000 })).toBe('1min')
  })

  it('is shortened if the connection has a longer one', async () => {
    expect(await timeoutWithin({ idle_in_transaction_session_timeout: 600_000 })).toBe('150s')
  })

  /** Returns the setting in a transaction of ours, on a connection with these options. */
  async function timeoutWithin(dialectOptions: object): Promise<unknown> {
    const sequelize = new Sequelize(harness.scope.databaseUrl, { logging: false, dialectOptions })
    onTestFinished(() => sequelize.close())
    const model = sequelize.define('Bounded', {}, { timestamps: false })
    const updateStreamer = new UpdateStreamer({ producer: new RecordingProducer(), logger: silentLogger })
    updateStream(model, { updateStreamer })
    return updateStreamer.bulk(model.build({ id: 1 }), async (transaction) => {
      const [rows] = await sequelize.query(
        `SELECT current_setting('idle_in_transaction_session_timeout') AS timeout`,
        { transaction },
      )
      return (rows as readonly { readonly timeout: string }[])[0]?.timeout
    })
  }

  describe('when it expires', () => {
    const recorder = new RecordingProducer()
    const updateStreamer = new UpdateStreamer({ producer: recorder, delayMs: 400 })
    let model: ModelStatic<Model>
    beforeAll(async () => {
      model = harness.sequelize.define('Slow', {}, { timestamps: false })
      await model.sync()
      updateStream(model, { updateStreamer })
    })
    beforeEach(() => {
      recorder.take()
      recorder.before = () => undefined
      vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    })
    afterEach(() => vi.restoreAllMocks())

    async function expectNothing(): Promise<void> {
      await updateStreamer.flush()
      expect(await model.count()).toBe(0)
      expect(recorder.take().every((each) => each.topic === 'delay_5m')).toBe(true)
    }

    it('a process that froze before COMMIT can no longer commit', async () => {
      const transaction = await harness.sequelize.transaction()
      const commit = transaction.commit.bind(transaction)
      transaction.commit = async () => {
        await sleep(300)
        return commit()
      }
      await model.create({}, { transaction })
      await expect(transaction.commit()).rejects.toThrow(/connection|terminat/i)
      await expectNothing()
    })

    it('a transaction for which Kafka was too slow is rolled back', async () => {
      recorder.before = () => sleep(150)
      await expect(model.create()).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
      const managed = harness.sequelize.transaction((transaction) => model.create({}, { transaction }))
      await expect(managed).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED' })
      await expectNothing()
    })
  })
})
