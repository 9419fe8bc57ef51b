import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, namesOf } from './support/shops.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const shops = 400
const pageSize = 20
const lane = { from: 50, pageSize }

let stage: Stage

/** Two cities of one country with many shops each, all indexed. */
beforeAll(async () => {
  stage = await openStage(import.meta.url, { include: everything, document: namesOf, lane })
  const { Country, City, Shop } = stage.models
  await Country.create({ id: 1, name: 'Germany' })
  await City.bulkCreate([1, 2].map((id) => ({ id, name: `City ${id}`, countryId: 1 })))
  await Shop.bulkCreate(
    Array.from({ length: shops }, (_, index) => ({
      id: index + 1,
      name: `Shop ${index + 1}`,
      cityId: 1 + (index % 2),
    })),
  )
  await stage.whenIndexed()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** The names of cities and countries in the documents, with the number of their occurrences. */
async function namesIn(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const document of (await stage.documents()).values()) {
    const { city } = document as { city?: { name: string; country?: { name: string } } }
    const name = `${city?.name}, ${city?.country?.name}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** The number of records that cascades have sent, or a lower bound if several share a message. */
async function sent(): Promise<number> {
  const admin = stage.scope.kafka().admin()
  await admin.connect()
  try {
    const ends = await admin.fetchTopicOffsets(stage.scope.topic('shops'))
    return ends.reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

test('a large cascade through several models is done page by page', async () => {
  const before = await sent()
  await stage.models.Country.update({ name: 'France' }, { where: { id: 1 } })
  await stage.whenIndexed()
  expect(await namesIn()).toEqual({ 'City 1, France': shops / 2, 'City 2, France': shops / 2 })
  expect(await sent()).toBe(before + shops)
})

test('a later change replaces the rest of an earlier cascade', async () => {
  const before = await sent()
  const renames = 8
  for (let number = 1; number <= renames; number++)
    await stage.models.City.update({ name: `Name ${number}` }, { where: { id: 1 } })
  await stage.whenIndexed()
  expect(await namesIn()).toEqual({
    [`Name ${renames}, France`]: shops / 2,
    'City 2, France': shops / 2,
  })
  expect(await sent()).toBeLessThan(before + (renames * shops) / 2)
})

test(
  'what is no search becomes a dead letter, and does not block the others',
  { timeout: 60_000 },
  async () => {
    const { scope, models } = stage
    const producer = scope.kafka().producer()
    await producer.connect()
    const unknown = { cascade: 'old', path: 'x', step: 0, values: ['1'], root: 'r', pass: 'p', begins: true }
    const messages = ['{', '{}', JSON.stringify(unknown)].map((value, index) => ({
      value,
      partition: index % 2,
    }))
    await producer.send({ topic: scope.topic('lane'), messages })
    await producer.disconnect()
    await models.City.update({ name: 'Renamed' }, { where: { id: 1 } })
    await stage.whenIndexed()
    expect(await namesIn()).toMatchObject({ 'Renamed, France': shops / 2 })
    const admin = scope.kafka().admin()
    await admin.connect()
    const [letters] = await admin.fetchTopicOffsets(scope.topic('lane.dead-letter'))
    await admin.disconnect()
    expect(letters?.high).toBe('3')
  },
)

test('a restart in the middle repeats no more than one page', async () => {
  const { derived, newCascades, models, updateStreamer } = stage
  const before = await sent()
  await models.Country.update({ name: 'Spain' }, { where: { id: 1 } })
  await updateStreamer.flush()
  await expect.poll(() => sent(), { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + lane.from)
  await derived.close()
  expect(await sent()).toBeLessThan(before + shops)
  const successors = newCascades()
  await successors.run()
  await successors.whenCaughtUp()
  await stage.indexer.whenCaughtUp()
  expect(Object.keys(await namesIn())).toEqual([
    expect.stringContaining('Spain'),
    expect.stringContaining('Spain'),
  ])
  expect(await sent()).toBeLessThanOrEqual(before + shops + pageSize)
})
