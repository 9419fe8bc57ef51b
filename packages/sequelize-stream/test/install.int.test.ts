import 'reflect-metadata'
import { recordStreamOf, silentLogger } from '@kt/core'
import { recordStreamProperty } from '@kt/core/internal'
import { Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import {
  AutoIncrement,
  BelongsTo,
  Column,
  DataType,
  ForeignKey,
  Model as TsModel,
  PrimaryKey,
  Table,
} from 'sequelize-typescript'
import { Sequelize as TsSequelize } from 'sequelize-typescript'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { defineModels } from './support/models.ts'
import type { Models } from './support/models.ts'
import { RecordingProducer } from './support/recording-producer.ts'

let scope: TestScope
let sequelize: Sequelize
let models: Models
const recorder = new RecordingProducer()
const updateStreamer = new UpdateStreamer({ producer: recorder, logger: silentLogger })

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  models = defineModels(sequelize)
  await sequelize.sync()
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})
beforeEach(() => recorder.take())

function topics(): string[] {
  return recorder.take().map(({ topic, key }) => `${topic} ${key}`)
}

type Anatomy = ReadonlyMap<string, PropertyDescriptor>

/** Returns all own properties of a model, its hooks, and the properties that its records inherit. */
function anatomy(model: ModelStatic<Model>): Anatomy {
  const { hooks } = (model as unknown as { options: { hooks: object } }).options
  const parts = { model, records: model.prototype as object, hooks }
  return new Map(
    Object.entries(parts).flatMap(([part, object]) =>
      Reflect.ownKeys(object).map((key) => {
        const descriptor = Object.getOwnPropertyDescriptor(object, key) ?? {}
        return [`${part}.${String(key)}`, descriptor] as const
      }),
    ),
  )
}

function differences(one: Anatomy, other: Anatomy): string[] {
  const parts = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const
  const isOther = (key: string): boolean =>
    parts.some((part) => !Object.is(one.get(key)?.[part], other.get(key)?.[part]))
  return [...new Set([...one.keys(), ...other.keys()])].filter(isOther)
}

describe('updateStream', () => {
  it('accepts several models at once, and adds the prefix of the UpdateStreamer to their topics', async () => {
    const prefixed = new UpdateStreamer({ producer: recorder, logger: silentLogger, topicPrefix: 'shop.' })
    const uninstall = updateStream([models.City, models.Country], { updateStreamer: prefixed })
    const city = await models.City.create({ name: 'Ulm' })
    await models.Country.create({ code: 'AT', name: 'Austria' })
    await prefixed.flush()
    expect(topics().filter((each) => !each.startsWith('delay_5m'))).toEqual([
      `shop.${models.City.tableName} ${city.id}`,
      `shop.${models.Country.tableName} AT`,
    ])
    uninstall()
    await city.destroy()
    await models.Country.destroy({ where: { code: 'AT' } })
    expect(recorder.take()).toEqual([])
    await prefixed.close()
  })

  it('streams either all of several models or none', () => {
    const uninstall = updateStream(models.Country, { updateStreamer })
    expect(() => updateStream([models.City, models.Country], { updateStreamer })).toThrow('already streamed')
    expect(recordStreamOf(models.City.build())).toBeUndefined()
    uninstall()
  })

  it('restores the model when it is uninstalled', async () => {
    const before = anatomy(models.City)
    const uninstall = updateStream(models.City, { updateStreamer })
    expect(differences(before, anatomy(models.City))).toHaveLength(2)
    uninstall()
    uninstall()
    expect(differences(before, anatomy(models.City))).toEqual([])
    await models.City.create({ name: 'Ulm' })
    expect(recorder.take()).toEqual([])
  })

  it('does not uninstall another stream', () => {
    const first = updateStream(models.Event, { updateStreamer, topic: 'first' })
    first()
    const second = updateStream(models.Event, { updateStreamer, topic: 'second' })
    first()
    expect(recordStreamOf(models.Event.build())?.topic).toBe('second')
    second()
  })

  it('uses the table name or the given topic, and provides it to a cascader', async () => {
    const uninstall = updateStream(models.Tag, { updateStreamer })
    const tag = await models.Tag.create({ name: 'river' })
    const id = tag.get('id') as number
    await updateStreamer.flush()
    expect(topics()).toEqual([`delay_5m ${id}`, `tags ${id}`])
    const stream = recordStreamOf(tag)
    expect(stream?.topic).toBe('tags')
    expect(stream?.payload(tag)).toEqual({ id })
    uninstall()
    updateStream(models.Tag, { updateStreamer, topic: 't', delayTopic: 'delay_1h' })()
    expect(Object.hasOwn(models.Tag, recordStreamProperty)).toBe(false)
  })

  it('reads whole records for a custom payload, whatever is written', async () => {
    const { City } = models
    await City.bulkCreate([
      { id: 50, name: 'Bonn', population: 5 },
      { id: 51, name: 'Kiel', population: 6 },
    ])
    const payload = (city: InstanceType<typeof City>): { id: number; name: string; size: number } => ({
      id: city.id,
      name: city.name,
      size: city.population,
    })
    const uninstall = updateStream(City, { updateStreamer, payload })
    await City.update({ population: 7 }, { where: { id: [50, 51] } })
    const partial = await City.findByPk(50, { attributes: ['id'], rejectOnEmpty: true })
    await partial.increment('population')
    await partial.update({ name: 'Beuel' })
    await City.destroy({ where: { id: 51 } })
    await (await City.findByPk(50, { attributes: ['id'], rejectOnEmpty: true })).destroy()
    await updateStreamer.flush()
    const sent = recorder.take().filter((each) => each.topic === 'cities')
    expect(sent.map((each) => JSON.parse(each.value) as unknown)).toEqual([
      { id: 50, name: 'Bonn', size: 7 },
      { id: 51, name: 'Kiel', size: 7 },
      { id: 50, name: 'Bonn', size: 8 },
      { id: 50, name: 'Beuel', size: 8 },
      { id: 51, name: 'Kiel', size: 7 },
      { id: 50, name: 'Beuel', size: 8 },
    ])
    uninstall()
  })

  it('rolls back if a payload function fails, even if the caller goes on', async () => {
    const { City } = models
    const uninstall = updateStream(City, {
      updateStreamer,
      payload: () => {
        throw new Error('of the payload')
      },
    })
    const goingOn = sequelize.transaction(async (transaction) => {
      await City.create({ name: 'Worms' }, { transaction }).catch(() => undefined)
    })
    await expect(goingOn).rejects.toMatchObject({ code: 'KT_STREAM_FAILED' })
    expect(await City.count({ where: { name: 'Worms' } })).toBe(0)
    uninstall()
  })

  it.each([
    ['updateStreamer', () => updateStream(models.City, { updateStreamer: {} as UpdateStreamer })],
    ['topic', () => updateStream(models.City, { updateStreamer, topic: '' })],
    ['delayTopic', () => updateStream(models.City, { updateStreamer, delayTopic: '' })],
    ['payload', () => updateStream(models.City, { updateStreamer, payload: 'id' as never })],
    ['producer', () => new UpdateStreamer({ producer: {} as never })],
    ['delayMs', () => new UpdateStreamer({ producer: recorder, delayMs: 1 })],
  ])('reports an invalid %s', (option, construct) => {
    expect(construct).toThrow(expect.objectContaining({ code: 'KT_OPTION_INVALID' }))
    expect(construct).toThrow(option)
  })

  it('throws if a model is already streamed', () => {
    const uninstall = updateStream(models.City, { updateStreamer })
    expect(() => updateStream(models.City, { updateStreamer })).toThrow('already streamed')
    uninstall()
  })
})

describe('sequelize-typescript', () => {
  class Author extends TsModel {
    declare id: number
    declare name: string
  }
  class Book extends TsModel {
    declare id: number
    declare title: string
    declare authorId: number
    declare author: Author
  }
  // Decorators are functions. Calling them by hand saves the tests a compiler setting.
  const apply = (decorator: unknown, target: object, property?: string): void =>
    (decorator as (target: object, property?: string) => void)(target, property)
  for (const { prototype } of [Author, Book]) {
    apply(Column(DataType.INTEGER), prototype, 'id')
    apply(AutoIncrement, prototype, 'id')
    apply(PrimaryKey, prototype, 'id')
  }
  apply(Column(DataType.TEXT), Author.prototype, 'name')
  apply(Column(DataType.TEXT), Book.prototype, 'title')
  apply(Column(DataType.INTEGER), Book.prototype, 'authorId')
  apply(
    ForeignKey(() => Author),
    Book.prototype,
    'authorId',
  )
  apply(
    BelongsTo(() => Author),
    Book.prototype,
    'author',
  )
  apply(Table({ tableName: 'authors', timestamps: false }), Author)
  apply(Table({ tableName: 'books', timestamps: false }), Book)

  it('is streamed, and restored', async () => {
    const database = new TsSequelize(scope.databaseUrl, { logging: false, models: [Author, Book] })
    await database.sync()
    // Sequelize itself marks a model when it first builds a record.
    Book.build()
    const before = anatomy(Book)
    const uninstall = updateStream(Book, { updateStreamer })
    const [one, two] = await Author.bulkCreate([{ name: 'one' }, { name: 'two' }])
    const book = await Book.create({ title: 'A', authorId: one?.id })
    await book.$set('author', two ?? null)
    await Book.update({ title: 'B' }, { where: {} })
    await updateStreamer.flush()
    const sent = recorder.take().filter((each) => each.topic === 'books')
    expect(sent.map((each) => each.value)).toEqual([
      '{"id":1}',
      '{"id":1,"references":{"authorId":[1]}}',
      '{"id":1}',
    ])
    uninstall()
    expect(differences(before, anatomy(Book))).toEqual([])
    await database.close()
  })
})
