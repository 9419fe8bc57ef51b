import { silentLogger } from '@kt/core'
import { DataTypes } from 'sequelize'
import type { Model, ModelStatic, Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { modelSource, updateStream, UpdateStreamer } from '../../src/index.ts'
import { RecordingProducer } from '../support/recording-producer.ts'
import { sqlite } from './sqlite.ts'

/** What `odd-keys` and `odd-tables` try on PostgreSQL, where another dialect takes another way. */

const dialect = sqlite()
let sequelize: Sequelize
let streamer: UpdateStreamer
let producer: RecordingProducer
beforeEach(() => {
  sequelize = dialect.connect(() => undefined)
  producer = new RecordingProducer()
  streamer = new UpdateStreamer({ producer, logger: silentLogger })
})
afterEach(async () => {
  await streamer.close()
  await sequelize.close()
  await dialect.close()
})

async function told(): Promise<readonly string[]> {
  await streamer.flush()
  return producer
    .take()
    .filter(({ topic }) => topic !== 'delay_5m')
    .map(({ value }) => value)
}

function define(name: string, attributes: Parameters<Sequelize['define']>[1]): ModelStatic<Model> {
  const model = sequelize.define(name, attributes, { tableName: `${name.toLowerCase()}s`, timestamps: false })
  updateStream(model, { updateStreamer: streamer })
  return model
}

it('microseconds in a key kept rows from being written, and from the index', async () => {
  const at = { type: DataTypes.DATE, primaryKey: true }
  const Reading = define('Reading', { at, value: DataTypes.INTEGER })
  await Reading.sync()
  await sequelize.query(`INSERT INTO readings VALUES ('2024-01-01 00:00:00.123456 +00:00', 1)`)
  expect(await Reading.update({ value: 2 }, { where: { value: 1 } })).toEqual([1])
  const id = '2024-01-01T00:00:00.123Z'
  expect(await told()).toEqual([JSON.stringify({ id })])
  const source = modelSource(Reading)
  expect((await source.load([id])).map((each) => [source.id(each), each.get('value')])).toEqual([[id, 2]])
})
