import { headerNames } from '@kt/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UpdateStreamer, updateStream } from '../src/index.ts'
import { createHarness, told } from './support/harness.ts'
import type { Harness } from './support/harness.ts'
import { RecordingProducer } from './support/recording-producer.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness(import.meta.url)
})
afterAll(() => harness.close())
beforeEach(() => harness.reset())

async function sent(): Promise<ReturnType<typeof told>> {
  await harness.streamer.flush()
  return told(harness, harness.recorder.take())
}

describe('bulk', () => {
  it('sends the messages of rows that match a condition around raw SQL', async () => {
    const { sequelize, streamer, models } = harness
    const where = { countryCode: 'DE' }
    const result = await streamer.bulk({ model: models.City, where }, async (transaction) => {
      expect(harness.recorder.sent).toHaveLength(2)
      await sequelize.query(`DELETE FROM city_tags; DELETE FROM mayors`, { transaction })
      const sql = `UPDATE cities SET country_code = 'FR' WHERE country_code = 'DE'`
      await sequelize.query(sql, { transaction })
      return 'done'
    })
    expect(result).toBe('done')
    expect(await sent()).toEqual({
      delays: ['cities:1', 'cities:2'],
      instants: ['cities:1', 'cities:2'],
      references: { 'cities:1': { countryCode: ['DE'] }, 'cities:2': { countryCode: ['DE'] } },
    })
  })

  it('sends the messages of given records around it', async () => {
    const { streamer, models } = harness
    const cities = await models.City.findAll({ where: { id: [1, 3] } })
    await streamer.bulk(cities, () => Promise.resolve())
    expect((await sent()).instants).toEqual(['cities:1', 'cities:3'])
  })

  it("waits for the caller's transaction", async () => {
    const { sequelize, streamer, models } = harness
    const transaction = await sequelize.transaction()
    await streamer.bulk({ model: models.City, where: { id: 1 } }, () => Promise.resolve(), { transaction })
    expect((await sent()).instants).toEqual([])
    await transaction.commit()
    await streamer.flush()
    expect(harness.recorder.take().map((each) => `${each.topic} ${each.key}`)).toEqual([
      `${harness.topicOf('cities')} 1`,
    ])
  })

  it('sends the delay messages again with new change ids if the work took too long', async () => {
    const recorder = new RecordingProducer()
    const streamer = new UpdateStreamer({ producer: recorder, delayMs: 4_000 })
    const model = harness.models.City.scope('large')
    await streamer.bulk(
      { model, where: { id: 1 } },
      () => new Promise((resolve) => setTimeout(resolve, 1_100)),
    )
    await streamer.flush()
    const ids = recorder.take().map((each) => each.headers?.[headerNames.changeId])
    expect(ids).toHaveLength(3)
    expect(ids[0]).not.toBe(ids[1])
    expect(ids[1]).toBe(ids[2])
  })

  it('rolls back, and sends no instant message, when the work fails', async () => {
    const before = await harness.committed()
    const failing = harness.streamer.bulk({ model: harness.models.City, where: {} }, async (transaction) => {
      await harness.sequelize.query('UPDATE cities SET population = 5', { transaction })
      throw new Error('of the work')
    })
    await expect(failing).rejects.toThrow('of the work')
    expect((await sent()).instants).toEqual([])
    expect(await harness.committed()).toBe(before)
  })
})

it('queues and delays records explicitly', async () => {
  const { streamer, models, recorder } = harness
  const city = await models.City.findByPk(1, { rejectOnEmpty: true })
  await streamer.queue(city)
  await streamer.delay([city])
  expect(recorder.take().map((each) => each.topic)).toEqual([harness.topicOf('cities'), harness.delayTopic])
})

it('streams a bulk write of more rows than one page, in one statement', async () => {
  const { City } = harness.models
  await harness.sequelize.query(
    `INSERT INTO cities (id, name, population) SELECT n, 'c$' || n, 5 FROM generate_series(10000, 32000) n`,
  )
  const statements: string[] = []
  const logging = (sql: string): void => void statements.push(sql)
  expect(await City.update({ population: 6 }, { where: { population: 5 }, logging })).toEqual([22_001])
  await harness.streamer.flush()
  expect(statements.filter((sql) => sql.includes('UPDATE "cities"'))).toHaveLength(1)
  expect(new Set(harness.recorder.take().map((each) => `${each.topic} ${each.key}`)).size).toBe(44_002)
  expect(await City.destroy({ where: { population: 6 } })).toBe(22_001)
  await harness.streamer.flush()
  expect(harness.recorder.take()).toHaveLength(44_002)
})

it('rejects writes once it is closed', async () => {
  const streamer = new UpdateStreamer({ producer: new RecordingProducer() })
  const model = harness.sequelize.define('Closed', {})
  updateStream(model, { updateStreamer: streamer })
  await streamer.close()
  await streamer.close()
  await expect(model.create()).rejects.toMatchObject({ code: 'KT_CLOSED' })
  await expect(streamer.queue(model.build())).rejects.toMatchObject({ code: 'KT_CLOSED' })
})
