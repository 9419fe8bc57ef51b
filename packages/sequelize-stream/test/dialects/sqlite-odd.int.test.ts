import { silentLogger } from '@kt/core'
import { DataTypes } from 'sequelize'
import type { Model, ModelStatic, Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { modelSource, updateStream, UpdateStreamer } from '../../src/index.ts'
import { RecordingProducer } from '../support/recording-producer.ts'
import { sqlite } from './sqlite.ts'

/** Cases of `odd-keys` and `odd-tables` for PostgreSQL that take another code path in this dialect. */

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

it('rows with microseconds in a key were neither written nor indexed', async () => {
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

it('rows whose key has no SQLite literal were silently left unchanged', async () => {
  const code = { type: DataTypes.STRING, primaryKey: true }
  const boxId = { type: DataTypes.INTEGER, references: { model: 'boxes', key: 'id' } }
  await sequelize.query('CREATE TABLE parts (code TEXT PRIMARY KEY, boxId INTEGER)')
  await sequelize.query(`INSERT INTO parts VALUES ('a' || char(0) || 'b', 1)`)
  const Part = define('Part', { code, boxId })
  const failure = { code: 'KT_STREAM_FAILED', retryable: false }
  await expect(Part.update({ boxId: 2 }, { where: { boxId: 1 } })).rejects.toMatchObject(failure)
  await expect(Part.destroy({ where: { boxId: 1 } })).rejects.toMatchObject(failure)
  expect(await told()).toEqual([])
})

it('fewer rows may be written than locked: because of a trigger or a cascade', async () => {
  await sequelize.query(
    'CREATE TABLE folders (id INTEGER PRIMARY KEY, parentId INTEGER REFERENCES folders (id) ON DELETE CASCADE)',
  )
  await sequelize.query('INSERT INTO folders VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)')
  await sequelize.query(
    'CREATE TRIGGER keep BEFORE UPDATE ON folders WHEN OLD.id = 4 BEGIN SELECT RAISE(IGNORE); END',
  )
  const id = { type: DataTypes.INTEGER, primaryKey: true }
  const parentId = { type: DataTypes.INTEGER, references: { model: 'folders', key: 'id' } }
  const Folder = define('Folder', { id, parentId })
  expect(await Folder.update({ parentId: 1 }, { where: { parentId: null } })).toEqual([1])
  await Folder.update({ parentId: null }, { where: { id: 1 } })
  await told()
  expect(await Folder.destroy({ where: { id: [1, 2, 3] } })).toBe(1)
  expect((await told()).map((value) => (JSON.parse(value) as { readonly id: number }).id)).toEqual([1, 2, 3])
})
