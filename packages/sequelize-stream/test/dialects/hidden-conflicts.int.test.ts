import { silentLogger } from '@kt/core'
import { DataTypes, literal } from 'sequelize'
import type { Model, ModelStatic, Sequelize } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../../src/index.ts'
import { RecordingProducer } from '../support/recording-producer.ts'
import type { Dialect } from '../matrix/dialect.ts'
import { mariadb } from './mariadb.ts'

const mariadbUrl = process.env['KT_MARIADB_URL'] ?? ''

describe.skipIf(mariadbUrl === '')('a row that conflicts by values that the record does not contain', () => {
  const producer = new RecordingProducer()
  const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
  let dialect: Dialect
  let sequelize: Sequelize

  beforeAll(async () => {
    dialect = await mariadb(mariadbUrl)
    sequelize = dialect.connect(() => undefined)
  })
  beforeEach(() => void producer.take())
  afterAll(async () => {
    await updateStreamer.close()
    await sequelize.close()
    await dialect.close()
  })

  /** Uses a different name for each table, because known facts about a table are cached for a while. */
  const table = async (columns: string, name: string): Promise<ModelStatic<Model>> => {
    await sequelize.query(
      `CREATE TABLE ${name} (id int PRIMARY KEY AUTO_INCREMENT, code varchar(50), name varchar(50), ${columns})`,
    )
    await sequelize.query(`INSERT INTO ${name} (code, name) VALUES ('abc', 'old')`)
    const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }
    const attributes = { id, code: DataTypes.STRING, name: DataTypes.STRING }
    const model = sequelize.define<Model>(name, attributes, { tableName: name, timestamps: false })
    updateStream(model, { updateStreamer, topic: 'parts' })
    return model
  }

  it.each([
    ['a default', `shop int NOT NULL DEFAULT 1, UNIQUE by_shop (shop, code)`, { code: 'abc' }, 'shop'],
    ['a generated column', `shop int AS (1) STORED, UNIQUE by_shop (shop, code)`, { code: 'abc' }, 'shop'],
    ['the beginning of a text', `UNIQUE by_code (code(2))`, { code: 'abd' }, 'update the row by its key'],
    ['an expression', `UNIQUE by_code (code)`, { code: literal(`concat('a', 'bc')`) }, 'code'],
  ])('was updated without a message, by %s', async (what, columns, values, remedy) => {
    const model = await table(columns, `parts_${what.replaceAll(' ', '_')}`)
    const record = { ...values, name: 'new' }
    const failure: unknown = expect.objectContaining({
      code: 'KT_STREAM_FAILED',
      message: expect.stringContaining(remedy) as unknown,
    })
    await expect(model.upsert(record)).rejects.toEqual(failure)
    await expect(model.bulkCreate([record], { updateOnDuplicate: ['name'] })).rejects.toEqual(failure)
    expect(await model.findAll({ raw: true })).toEqual([{ id: 1, code: 'abc', name: 'old' }])
    await model.bulkCreate([{ code: 'zzz', name: 'new' }])
    await updateStreamer.flush()
    expect(producer.take().filter(({ topic }) => topic === 'parts')).toHaveLength(1)
  })

  it('does not conflict if the index has no value', async () => {
    const model = await table('shop int, UNIQUE by_shop (shop, code)', 'parts_without_shop')
    await model.upsert({ code: 'abc', name: 'new' })
    await model.upsert({ id: 1, code: null, name: 'newer' })
    await updateStreamer.flush()
    expect(await model.count()).toBe(2)
  })
})
