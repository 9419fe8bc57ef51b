import { setTimeout } from 'node:timers/promises'
import { silentLogger } from '@kt/core'
import { DataTypes, Sequelize } from 'sequelize'
import type { Transaction } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { RecordingProducer } from './support/recording-producer.ts'

/** Between commit() and COMMIT the delay messages are being sent, so no statement may enter the transaction. */

const producer = new RecordingProducer()
const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
let scope: TestScope
let sequelize: Sequelize
const attributes = { id: { type: DataTypes.INTEGER, primaryKey: true }, name: DataTypes.STRING }
const define = (name: string) =>
  sequelize.define(name, attributes, { tableName: 'things', timestamps: false })
let Plain: ReturnType<typeof define>
let Streamed: ReturnType<typeof define>

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  Plain = define('Plain')
  Streamed = define('Streamed')
  await Plain.sync()
  updateStream(Streamed, { updateStreamer })
  producer.before = () => setTimeout(30)
})
afterAll(async () => {
  await updateStreamer.close()
  await sequelize.close()
  await scope.close()
})
beforeEach(async () => {
  await sequelize.query('TRUNCATE things')
  await updateStreamer.flush()
  producer.take()
})

async function outcomes(...calls: Promise<unknown>[]): Promise<unknown> {
  const settled = await Promise.allSettled(calls)
  return settled.map((each) =>
    each.status === 'fulfilled' ? 'ok' : String(each.reason).replace(/transaction\(.*?\)/, 'transaction'),
  )
}

async function committedIds(): Promise<unknown> {
  const [found] = await sequelize.query('SELECT id FROM things ORDER BY id')
  return (found as { id: number }[]).map(({ id }) => id)
}

const cases: readonly [string, (Thing: typeof Plain, transaction: Transaction) => Promise<unknown>][] = [
  [
    'a write that is not awaited',
    async (Thing, transaction) => {
      await Thing.create({ id: 1 }, { transaction })
      const forgotten = Thing.create({ id: 2 }, { transaction })
      return outcomes(transaction.commit(), forgotten)
    },
  ],
  [
    'a raw statement after commit()',
    async (Thing, transaction) => {
      await Thing.create({ id: 1 }, { transaction })
      const committing = transaction.commit()
      return outcomes(committing, sequelize.query('INSERT INTO things VALUES (3)', { transaction }))
    },
  ],
  [
    'a write whose statement is running',
    async (Thing, transaction) => {
      await Thing.create({ id: 1 }, { transaction })
      let committing: Promise<void> | undefined
      const logging = (sql: string): void => {
        if (sql.includes('INSERT')) committing = transaction.commit()
      }
      const creating = Thing.create({ id: 2 }, { transaction, logging })
      await creating.catch(() => undefined)
      return outcomes(creating, committing ?? Promise.reject(new Error('no INSERT')))
    },
  ],
  [
    'two commits at once',
    async (Thing, transaction) => {
      await Thing.create({ id: 1 }, { transaction })
      return outcomes(transaction.commit(), transaction.commit())
    },
  ],
  [
    'a rollback during a commit',
    async (Thing, transaction) => {
      await Thing.create({ id: 1 }, { transaction })
      return outcomes(transaction.commit(), transaction.rollback())
    },
  ],
]

it.each(cases)('%s behaves as without a stream', async (_, run) => {
  const plain = [await run(Plain, await sequelize.transaction()), await committedIds()]
  await sequelize.query('TRUNCATE things')
  const streamed = [await run(Streamed, await sequelize.transaction()), await committedIds()]
  expect(streamed).toEqual(plain)
  await updateStreamer.flush()
  const delayed = producer.take().filter(({ topic }) => topic === 'delay_5m')
  expect(delayed.map(({ key }) => Number(key))).toEqual(await committedIds())
})
