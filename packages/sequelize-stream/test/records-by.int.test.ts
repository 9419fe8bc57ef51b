import { recordStreamOf } from '@kt/core'
import { DataTypes, Model, Op } from 'sequelize'
import type { ModelStatic } from 'sequelize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordsBy, updateStream } from '../src/index.ts'
import { createHarness } from './support/harness.ts'
import type { Harness } from './support/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness(import.meta.url)
  await harness.reset()
})
afterAll(() => harness.close())

/** Returns the ids in each chunk. */
async function chunks(records: AsyncIterable<readonly object[]>): Promise<unknown[][]> {
  const found: unknown[][] = []
  for await (const chunk of records)
    found.push(chunk.map((record) => (record as { readonly id: unknown }).id))
  return found
}

describe('recordsBy', () => {
  it('finds records by an attribute, in chunks, in the order of their keys', async () => {
    const { City, Country } = harness.models
    await Country.bulkCreate(['XX', 'YY'].map((code) => ({ code, name: code })))
    for (let id = 101; id <= 107; id++)
      await City.create({ id, name: `City ${id}`, countryCode: id === 105 ? 'XX' : 'YY' })
    const found = (chunkSize: number) => chunks(recordsBy(City, 'countryCode', ['YY', 'none'], { chunkSize }))
    expect(await found(4)).toEqual([
      [101, 102, 103, 104],
      [106, 107],
    ])
    expect(await found(3)).toEqual([
      [101, 102, 103],
      [104, 106, 107],
    ])
    expect(await chunks(recordsBy(City, 'countryCode', ['XX', 'YY']))).toEqual([
      [101, 102, 103, 104, 105, 106, 107],
    ])
  })

  it("returns the topic and payload of each record's messages", async () => {
    const { Event } = harness.models
    for await (const [event] of recordsBy(Event, 'title', ['big'])) {
      const stream = event && recordStreamOf(event)
      expect(stream?.topic).toBe(harness.topicOf('events'))
      expect(stream?.payload(event)).toEqual({ id: '9007199254740993' })
    }
    expect.assertions(2)
  })

  it('finds records with composite keys, with additional conditions', async () => {
    const { CityTag, Tag } = harness.models
    await Tag.bulkCreate([21, 22].map((id) => ({ id, name: `Tag ${id}` })))
    await CityTag.bulkCreate([1, 2, 3].flatMap((cityId) => [21, 22].map((tagId) => ({ cityId, tagId }))))
    const options = { where: { tagId: { [Op.gt]: 20 } }, chunkSize: 2 }
    expect(await chunks(recordsBy(CityTag, 'cityId', [1, '3'], options))).toEqual([
      ['1,21', '1,22'],
      ['3,21', '3,22'],
    ])
  })

  it("goes on after a composite key that can't be an id", async () => {
    const { sequelize } = harness
    class Label extends Model {}
    const key = () => ({ type: DataTypes.TEXT, primaryKey: true })
    Label.init(
      { kind: key(), name: key(), size: DataTypes.INTEGER },
      { sequelize, tableName: 'labels', timestamps: false },
    )
    await Label.sync()
    await Label.bulkCreate(['', 'a', 'b'].map((name) => ({ kind: 'k', name, size: 1 })))
    expect(await chunks(recordsBy(Label, 'size', [1], { chunkSize: 2 }))).toEqual([['', 'k,a'], ['k,b']])
  })

  it('returns CHAR keys as the driver reads them, with their trailing spaces', async () => {
    const { sequelize } = harness
    class Code extends Model {}
    Code.init(
      { code: { type: DataTypes.CHAR(4), primaryKey: true }, size: DataTypes.INTEGER },
      { sequelize, tableName: 'codes', timestamps: false },
    )
    await Code.sync()
    await Code.bulkCreate(['ab', 'abcd'].map((code) => ({ code, size: 1 })))
    const read = await Code.findAll({ order: ['code'], raw: true })
    expect(await chunks(recordsBy(Code, 'size', [1]))).toEqual([
      read.map((each) => (each as unknown as { readonly code: string }).code),
    ])
    expect(read).toMatchObject([{ code: 'ab  ' }, { code: 'abcd' }])
  })

  it("leaves out soft-deleted records, and values that the column can't contain", async () => {
    const { Note } = harness.models
    const [kept, gone] = await Note.bulkCreate([{ cityId: 2 }, { cityId: 2 }], { returning: true })
    await gone?.destroy()
    expect(await chunks(recordsBy(Note, 'cityId', ['2', 'abc', '99999999999']))).toEqual([
      [(kept as unknown as { id: number }).id],
    ])
    expect(await chunks(recordsBy(Note, 'cityId', ['abc']))).toEqual([])
    expect(await chunks(recordsBy(Note, 'cityId', []))).toEqual([])
  })

  it('reads whole records if the payload needs them', async () => {
    const { Tag } = harness.models
    await Tag.bulkCreate([1, 2, 3].map((number) => ({ id: 700 + number, name: 'same' })))
    class Custom extends Tag {}
    Custom.init(Tag.getAttributes(), { sequelize: harness.sequelize, tableName: 'tags', timestamps: false })
    const uninstall = updateStream(Custom, {
      updateStreamer: harness.streamer,
      payload: (tag) => ({ id: tag.get('id') as number, name: tag.get('name') as string }),
    })
    const found: unknown[] = []
    for await (const chunk of recordsBy(Custom as ModelStatic<Model>, 'name', ['same'], { chunkSize: 2 }))
      found.push(chunk.map((tag) => recordStreamOf(tag)?.payload(tag)))
    uninstall()
    expect(found).toEqual([
      [
        { id: 701, name: 'same' },
        { id: 702, name: 'same' },
      ],
      [{ id: 703, name: 'same' }],
    ])
  })

  it('reports errors: at once for an option, and on reading for the database', async () => {
    const { City } = harness.models
    const wrong = (make: () => unknown) =>
      expect(make).toThrow(expect.objectContaining({ code: 'KT_OPTION_INVALID' }))
    wrong(() => recordsBy(undefined as never, 'id', []))
    wrong(() => recordsBy(City, 'nothing', []))
    wrong(() => recordsBy(City, 'countryCode', [], { chunkSize: 0 }))
    const failing = recordsBy(City, 'countryCode', ['DE'], { where: { nowhere: 1 } as never })
    await expect(failing.next()).rejects.toMatchObject({ code: 'KT_LOAD_FAILED', retryable: true })
  })
})
