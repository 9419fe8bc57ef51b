import { DataTypes } from 'sequelize'
import type { Model } from 'sequelize'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { replay, updateStream } from '../src/index.ts'
import type { ReplayOptions, ReplayProgress } from '../src/index.ts'
import { createHarness } from './support/harness.ts'
import type { Harness } from './support/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness(import.meta.url)
  await harness.models.City.bulkCreate(
    Array.from({ length: 250 }, (_, index) => ({
      id: 1_000 + index,
      name: `City ${index}`,
      population: index % 2,
    })),
  )
  await harness.streamer.flush()
})
afterAll(() => harness.close())
beforeEach(() => void harness.recorder.sent.splice(0))

/** The ids of all records that were sent, in order. */
function sentIds(): string[] {
  return harness.recorder.sent.flatMap(({ value }) => {
    const { id, ids } = JSON.parse(value ?? '') as { id?: unknown; ids?: unknown[] }
    return (ids ?? [id]).map(String)
  })
}

const inOrder = (ids: readonly string[]): string[] => ids.toSorted((a, b) => Number(a) - Number(b))

test('sends the records that a condition selects, and no others', async () => {
  const { models, streamer } = harness
  const sent = await replay(models.City, {
    updateStreamer: streamer,
    where: { population: 1 },
    pageSize: 100,
  })
  expect(sent).toBe(125)
  expect(inOrder(sentIds())).toEqual(Array.from({ length: 125 }, (_, index) => String(1_001 + 2 * index)))
})

test('continues where an earlier replay was aborted', async () => {
  const { models, streamer: updateStreamer } = harness
  const aborted = new AbortController()
  const progress: ReplayProgress[] = []
  const options: ReplayOptions<Model> = {
    updateStreamer,
    where: {},
    pageSize: 100,
    onProgress: (each) => {
      progress.push(each)
      aborted.abort()
    },
  }
  const first = replay(models.City as never, { ...options, signal: aborted.signal })
  await expect(first).rejects.toThrow(expect.objectContaining({ code: 'KT_ABORTED' }))
  expect(progress).toEqual([{ sent: 100, after: 1_099 }])
  expect(await replay(models.City as never, { ...options, after: 1_099 })).toBe(150)
  expect(inOrder(sentIds())).toEqual(Array.from({ length: 250 }, (_, index) => String(1_000 + index)))
})

test('sends given ids, also of deleted records, and with the payload of the model', async () => {
  const { sequelize, scope, streamer: updateStreamer, models, recorder } = harness
  await replay(models.City, { updateStreamer, ids: [1_000, '1001', 99n] })
  expect(inOrder(sentIds())).toEqual(['99', '1000', '1001'])
  const Shop = sequelize.define('Shop', { name: DataTypes.TEXT })
  await Shop.sync()
  const topic = await scope.createTopic('shops')
  const payload = (shop: Model) => ({ id: shop.get('id') as number, name: shop.get('name') as string })
  updateStream(Shop, { updateStreamer, topic, payload })
  const since = new Date()
  await Shop.bulkCreate([{ name: 'one' }, { name: 'two' }])
  await updateStreamer.flush()
  recorder.sent.splice(0)
  const sent = (): unknown[] => recorder.sent.splice(0).map(({ value }): unknown => JSON.parse(value ?? ''))
  await replay(Shop, { updateStreamer, ids: [2, 3] })
  expect(sent()).toEqual([{ id: 2, name: 'two' }, { id: 3 }])
  expect(await replay(Shop, { updateStreamer, since })).toBe(2)
  expect(sent()).toEqual([
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ])
  expect(await replay(Shop, { updateStreamer, since: new Date(Date.now() + 60_000) })).toBe(0)
})

test('keeps to its rate', async () => {
  const { models, streamer: updateStreamer } = harness
  const sizes: number[] = []
  await replay(models.City, {
    updateStreamer,
    where: { population: 1 },
    recordsPerSecond: 100,
    onProgress: ({ sent }) => sizes.push(sent),
  })
  expect(sizes).toEqual([50, 100, 125])
})

test.each<[string, object]>([
  ['where', {}],
  ['ids', { ids: [1], where: {} }],
  ['since', { since: new Date(0) }],
  ['pageSize', { where: {}, pageSize: 0 }],
  ['recordsPerSecond', { where: {}, recordsPerSecond: 0 }],
])('refuses a wrong or missing %s', async (name, options) => {
  const { models, streamer: updateStreamer } = harness
  await expect(replay(models.City, { updateStreamer, ...options })).rejects.toThrow(
    expect.objectContaining({ code: 'KT_OPTION_INVALID', message: expect.stringContaining(name) as string }),
  )
})

test('refuses a model that is not streamed', async () => {
  const { sequelize, streamer: updateStreamer } = harness
  const Other = sequelize.define('Other', {})
  await expect(replay(Other, { updateStreamer, where: {} })).rejects.toThrow(/not streamed/)
})
