import { headerNames } from '@kt/core'
import { Sequelize } from 'sequelize'
import { waitFor } from 'testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTransactions } from '../src/index.ts'
import { createHarness } from './support/harness.ts'
import type { Harness } from './support/harness.ts'

/** When a message comes due, a Delayer asks whether its transaction is still open. */

let harness: Harness
let other: Sequelize

beforeAll(async () => {
  harness = await createHarness(import.meta.url)
  other = new Sequelize(harness.scope.databaseUrl, { logging: false })
  await other.query(`
    CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait_at_commit AFTER UPDATE ON cities
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`)
})
afterAll(async () => {
  await other.close()
  await harness.close()
})
beforeEach(() => harness.reset())

/** Makes COMMIT wait until released. */
async function delayCommit(): Promise<() => Promise<void>> {
  const transaction = await other.transaction()
  await other.query('SELECT pg_advisory_xact_lock(1)', { transaction })
  return () => transaction.commit()
}

async function isCommitWaiting(): Promise<boolean> {
  const [rows] = await other.query('SELECT FROM pg_locks WHERE NOT granted')
  return rows.length > 0
}

/** Returns whether the transactions of the sent delay messages are open. */
async function areOpen(): Promise<readonly boolean[]> {
  const isOpen = await openTransactions(other).read()
  const delays = harness.recorder.sent.filter(({ topic }) => topic === harness.delayTopic)
  return delays.map(({ headers }) => isOpen(headers?.[headerNames.changeId] ?? 'none'))
}

test('a transaction is open while COMMIT waits, and ended afterwards', async () => {
  const release = await delayCommit()
  const berlin = await harness.models.City.findByPk(1, { rejectOnEmpty: true })
  const writing = berlin.update({ population: 7 })
  await waitFor(isCommitWaiting)
  expect(await areOpen()).toEqual([true])
  await release()
  await writing
  expect(await areOpen()).toEqual([false])
})

test("a caller's transaction is open, even after a savepoint was rolled back", async () => {
  const { City } = harness.models
  const release = await delayCommit()
  const writing = harness.sequelize.transaction(async (transaction) => {
    await harness.sequelize
      .transaction({ transaction }, async (savepoint) => {
        await City.update({ population: 1 }, { where: { id: 1 }, transaction: savepoint })
        throw new Error('undone')
      })
      .catch(() => undefined)
    await City.update({ population: 2 }, { where: { id: 2 }, transaction })
  })
  await waitFor(isCommitWaiting)
  expect(await areOpen()).toEqual([true])
  await release()
  await writing
  expect(await areOpen()).toEqual([false])
})

test('a transaction that was rolled back has ended', async () => {
  const { City } = harness.models
  const changeIds: (string | undefined)[] = []
  harness.recorder.before = (messages) => {
    changeIds.push(...messages.map(({ headers }) => headers?.[headerNames.changeId]))
    return Promise.reject(new Error('Kafka is away'))
  }
  await expect(City.update({ population: 2 }, { where: { id: 2 } })).rejects.toMatchObject({
    code: 'KT_DELAY_NOT_ACKNOWLEDGED',
  })
  const isOpen = await openTransactions(other).read()
  expect(changeIds.map((changeId) => isOpen(changeId ?? 'none'))).toEqual([false])
})

test('rejects if the database does not answer', async () => {
  const closed = new Sequelize('postgres://nobody@127.0.0.1:1/none', { logging: false })
  await expect(openTransactions(closed).read()).rejects.toMatchObject({
    code: 'KT_LOAD_FAILED',
    retryable: true,
  })
})
