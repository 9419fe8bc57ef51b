import { decodeDelayMessage, decodeNamed, headerNames, silentLogger } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { Sequelize } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { createHarness, told } from './support/harness.ts'
import type { Payload } from '@kt/core'
import type { Harness } from './support/harness.ts'
import { RecordingProducer } from './support/recording-producer.ts'
import type { SentMessage } from './support/recording-producer.ts'

/** If a write's changes are known beforehand, Kafka receives the delay messages while the database works. */

const kafkaAway = new Error('Kafka is away')
let harness: Harness
let other: Sequelize

beforeAll(async () => {
  harness = await createHarness(import.meta.url)
  other = new Sequelize(harness.scope.databaseUrl, { logging: false })
})
afterAll(async () => {
  await other.close()
  await harness.close()
})
beforeEach(async () => {
  await harness.reset()
  harness.counters.clear()
})

/** Blocks writes to Berlin until released. */
async function lockBerlin(): Promise<() => Promise<void>> {
  const transaction = await other.transaction()
  await other.query('SELECT * FROM cities WHERE id = 1 FOR UPDATE', { transaction })
  return () => transaction.commit()
}

/** Resolves when the next delay message is passed to the producer. `then` is Kafka's reaction. */
function nextDelay(then: () => void | Promise<void> = () => undefined): Promise<readonly SentMessage[]> {
  const { recorder, delayTopic } = harness
  return new Promise((resolve) => {
    recorder.before = (messages) => {
      if (messages[0]?.topic !== delayTopic) return
      recorder.before = () => undefined
      resolve(messages)
      return then()
    }
  })
}

/** Resolves when the next UPDATE, not started yet, has been executed. */
function nextUpdate(): Promise<void> {
  const { sequelize } = harness
  return new Promise((resolve) => {
    sequelize.addHook('afterQuery', 'executed', (_options, query) => {
      if (!(query as unknown as { readonly sql: string }).sql.startsWith('UPDATE')) return
      sequelize.removeHook('afterQuery', 'executed')
      resolve()
    })
  })
}

function changeIds(messages: readonly SentMessage[], isDelay: boolean): readonly unknown[] {
  return messages
    .filter(({ topic }) => (topic === harness.delayTopic) === isDelay)
    .map(({ headers }) => headers?.[headerNames.changeId])
}

async function write(): Promise<unknown> {
  const berlin = await harness.models.City.findByPk(1, { rejectOnEmpty: true })
  return berlin.update({ population: 7 })
}

describe('a slow statement', () => {
  it('has its delay message sent once', async () => {
    const release = await lockBerlin()
    const delayed = nextDelay()
    const writing = write()
    await delayed
    await release()
    await writing
    await harness.streamer.flush()
    const sent = harness.recorder.take()
    expect(told(harness, sent)).toEqual({ delays: ['cities:1'], instants: ['cities:1'], references: {} })
  })

  it('is committed only after Kafka has acknowledged', async () => {
    let acknowledge = (): void => undefined
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve))
    const delayed = nextDelay(() => acknowledged)
    const before = await harness.committed()
    const statements: string[] = []
    const berlin = await harness.models.City.findByPk(1, { rejectOnEmpty: true })
    const isExecuted = nextUpdate()
    const writing = berlin.update({ population: 7 }, { logging: (sql) => statements.push(sql) })
    await Promise.all([delayed, isExecuted])
    expect(await harness.committed()).toBe(before)
    expect(statements.filter((sql) => sql.includes('COMMIT'))).toEqual([])
    acknowledge()
    await writing
    expect(await harness.committed()).not.toBe(before)
  })

  it('is not committed if Kafka rejects', async () => {
    const before = await harness.committed()
    const release = await lockBerlin()
    let refuse: (error: Error) => void = () => undefined
    const refused = new Promise<void>((_resolve, reject) => (refuse = reject))
    const delayed = nextDelay(() => refused)
    const isExecuted = nextUpdate()
    const writing = write()
    await delayed
    await release()
    await isExecuted
    // By then the write waits for Kafka. Otherwise it would send the messages again.
    await sleep(0)
    refuse(kafkaAway)
    await expect(writing).rejects.toMatchObject({ code: 'KT_DELAY_NOT_ACKNOWLEDGED', cause: kafkaAway })
    expect(await harness.committed()).toBe(before)
    expect(harness.counters.get('kt_stream_delay_failures_total')).toBe(1)
  })

  it('is committed if Kafka was down only during the statement', async () => {
    const release = await lockBerlin()
    const delayed = nextDelay(() => Promise.reject(kafkaAway))
    const writing = write()
    await delayed
    await sleep(0)
    await release()
    await writing
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:1'])
    expect(harness.counters.get('kt_stream_delay_failures_total')).toBeUndefined()
  })
})

describe('a statement that takes too long', () => {
  const recorder = new RecordingProducer()
  const updateStreamer = new UpdateStreamer({ producer: recorder, delayMs: 400, logger: silentLogger })

  it('has its delay message sent again before COMMIT, with a new change id', async () => {
    const model = harness.sequelize.define(
      'Town',
      { population: { type: 'INTEGER' } },
      { tableName: 'cities', timestamps: false },
    )
    onTestFinished(updateStream(model, { updateStreamer }))
    const release = await lockBerlin()
    const town = await model.findByPk(1, { rejectOnEmpty: true })
    const writing = town.update({ population: 7 })
    await vi.waitFor(() => expect(recorder.sent).toHaveLength(1))
    // At COMMIT, a message may be at most a quarter of the delay old.
    await sleep(110)
    await release()
    await writing
    await updateStreamer.flush()
    const [early, again, instant, ...others] = recorder
      .take()
      .map(({ topic, headers }) => [topic, headers?.[headerNames.changeId]])
    expect([early?.[0], again?.[0], instant?.[0], others]).toEqual(['delay_5m', 'delay_5m', 'cities', []])
    expect(again?.[1]).not.toBe(early?.[1])
    expect(instant?.[1]).toBe(again?.[1])
  })
})

describe('a statement that fails', () => {
  const duplicate = { id: 2_000, name: 'Bonn' }

  it('leaves an unawaited delay message and no instant message', async () => {
    const never = nextDelay(() => new Promise(() => undefined))
    await expect(harness.models.City.create(duplicate)).rejects.toMatchObject({
      name: 'SequelizeUniqueConstraintError',
    })
    await never
    await harness.streamer.flush()
    expect(harness.recorder.take()).toEqual([])
  })

  it('fails as when Kafka is up, and does not count as a failure of Kafka', async () => {
    const delayed = nextDelay(() => Promise.reject(kafkaAway))
    await expect(harness.models.City.create(duplicate)).rejects.toMatchObject({
      name: 'SequelizeUniqueConstraintError',
    })
    await delayed
    expect(harness.counters.size).toBe(0)
  })
})

describe('a record whose foreign key has changed since it was read', () => {
  it('is deleted with the parent in its row', async () => {
    const berlin = await harness.models.City.findByPk(1, { rejectOnEmpty: true })
    await other.query(`DELETE FROM city_tags; DELETE FROM mayors; DELETE FROM notes`)
    await other.query(`UPDATE cities SET country_code = 'FR' WHERE id = 1`)
    await berlin.destroy()
    await harness.streamer.flush()
    const sent = harness.recorder.take()
    const referencesIn = (isDelay: boolean): unknown[] =>
      sent
        .filter(({ topic }) => (topic === harness.delayTopic) === isDelay)
        .map(({ value }) => {
          const payload = isDelay ? decodeDelayMessage(value).payload : decodeNamed(value)
          return (payload as Payload)['references']
        })
    // The record's parent is sent along with the statement, and the row's parent once it is known.
    expect(referencesIn(true)).toEqual([{ countryCode: ['DE'] }, { countryCode: ['FR'] }])
    expect(referencesIn(false)).toEqual([{ countryCode: ['FR'] }])
    expect(changeIds(sent, false)).toEqual(changeIds(sent, true).slice(1))
  })
})

describe('keys that a trigger changes', () => {
  it('are streamed as in the database, if bulkCreate returns them', async () => {
    await other.query(`
      CREATE FUNCTION renumber() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := NEW.id + 1000; RETURN NEW; END';
      CREATE TRIGGER renumber BEFORE INSERT ON cities FOR EACH ROW EXECUTE FUNCTION renumber()`)
    onTestFinished(async () => {
      await other.query('DROP TRIGGER renumber ON cities; DROP FUNCTION renumber')
    })
    const rows = [3_000, 3_001].map((id) => ({ id, name: `Town ${id}` }))
    await harness.models.City.bulkCreate(rows, { returning: true })
    await harness.streamer.flush()
    expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:4000', 'cities:4001'])
  })
})

describe('in a transaction of the caller', () => {
  it('sends nothing before COMMIT', async () => {
    await harness.sequelize.transaction(async (transaction) => {
      const berlin = await harness.models.City.findByPk(1, { rejectOnEmpty: true })
      await berlin.update({ population: 7 }, { transaction })
      expect(harness.recorder.take()).toEqual([])
    })
  })
})

describe('bulkCreate with known keys', () => {
  it.each([3, 150])('sends its delay messages while it inserts %i rows', async (count) => {
    const rows = Array.from({ length: count }, (_, index) => ({ id: 3_000 + index, name: `Town ${index}` }))
    const lock = await other.transaction()
    await other.query(`INSERT INTO cities (id, name) VALUES (1999, 'Town 1')`, { transaction: lock })
    const delayed = nextDelay()
    const writing = harness.models.City.bulkCreate(rows)
    expect((await delayed).map(({ key }) => key)).toEqual(rows.map(({ id }) => String(id)))
    await lock.rollback()
    await writing
    await harness.streamer.flush()
    const sent = harness.recorder.take()
    expect(sent).toHaveLength(2 * count)
    expect(changeIds(sent, false)).toEqual(changeIds(sent, true))
  })
})
