import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, namesOf } from './support/shops.ts'
import type { AnyRecord } from './support/shops.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const shops = 400
const shopsOfFirstCity = 200
const pageSize = 20
const lane = { from: 50, pageSize }
/** More than a cascade reads at once, so that the lane also continues among the cities. */
const cities = lane.from + 3 * pageSize

/** A shop of this name can't be made into a document. */
const impossible = 'impossible'

let stage: Stage

function document(shop: AnyRecord): object {
  if (shop['name'] === impossible) throw new Error('It has no document')
  return namesOf(shop)
}

/** A country with many cities, of which the first has many shops. All are indexed. */
beforeAll(async () => {
  stage = await openStage(import.meta.url, { include: everything, document, lane })
  const { Country, City, Shop } = stage.models
  await Country.create({ id: 1, name: 'Germany' })
  await City.bulkCreate(
    Array.from({ length: cities }, (_, index) => ({
      id: index + 1,
      name: `City ${index + 1}`,
      countryId: 1,
    })),
  )
  // The shops with the lowest ids are in the cities with the highest ones.
  await Shop.bulkCreate(
    Array.from({ length: shops }, (_, index) => ({
      id: index + 1,
      name: `Shop ${index + 1}`,
      cityId: index < shopsOfFirstCity ? cities - (index % (cities - 1)) : 1,
    })),
  )
  await stage.whenIndexed()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** How many documents have a city with this name, or one in a country with this name. */
async function documentsOf(name: string): Promise<number> {
  const all = [...(await stage.documents()).values()] as {
    city?: { name: string; country?: { name: string } }
  }[]
  return all.filter(({ city }) => city?.name === name || city?.country?.name === name).length
}

/** The number of messages about shops so far. */
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

test('a large cascade through many records reaches all of them, page by page', async () => {
  const before = await sent()
  await stage.models.Country.update({ name: 'France' }, { where: { id: 1 } })
  await stage.whenIndexed()
  expect(await documentsOf('France')).toBe(shops)
  expect(await sent()).toBeLessThanOrEqual(before + shops + lane.from)
})

test('a later change replaces the rest of an earlier cascade', async () => {
  const before = await sent()
  const renames = 8
  for (let number = 1; number <= renames; number++)
    await stage.models.City.update({ name: `Name ${number}` }, { where: { id: 1 } })
  await stage.whenIndexed()
  expect(await documentsOf(`Name ${renames}`)).toBe(shops - shopsOfFirstCity)
  expect(await sent()).toBeLessThan(before + renames * (shops - shopsOfFirstCity))
})

test('a change has failed when a record far into its large cascade was given up', async () => {
  const { models, monitor, updateStreamer, sequelize } = stage
  const { City, Shop } = models
  const rename = async (name: string): Promise<string> => {
    const transaction = await sequelize.transaction()
    await City.update({ name }, { where: { id: 1 }, transaction })
    await transaction.commit()
    return updateStreamer.token(transaction)
  }
  await Shop.update({ name: impossible }, { where: { id: shops } })
  const replaced = await rename('Before')
  const last = await rename('After')
  const wait = { timeoutMs: 60_000 }
  expect(await monitor.waitForIndexed(replaced, wait)).toBe('failed')
  expect(await monitor.waitForIndexed(last, wait)).toBe('failed')
  await Shop.update({ name: 'possible' }, { where: { id: shops } })
  expect(await monitor.waitForIndexed(await rename('Again'), wait)).toBe('indexed')
  expect(await documentsOf('Again')).toBe(shops - shopsOfFirstCity)
})

test('a change has failed when the search of its cascade was given up', async () => {
  const { scope, models, monitor, updateStreamer } = stage
  const token = await updateStreamer.track(async () => {
    await models.City.update({ name: 'Given up' }, { where: { id: 2 } })
    return updateStreamer.token()
  })
  const producer = scope.kafka().producer()
  await producer.connect()
  const search = { cascade: 'old', path: 'x', step: 0, values: ['1'], root: 'r', sinceMs: 0 }
  const origins = [0, 1]
    .map((partition) => `${scope.topic(models.City.tableName)}/${partition}/0-999999`)
    .join(',')
  const message = { value: JSON.stringify(search), headers: { 'kt-origins': origins } }
  await producer.send({ topic: scope.topic('lane'), messages: [message] })
  await producer.disconnect()
  expect(await monitor.waitForIndexed(token, { timeoutMs: 60_000 })).toBe('failed')
})

test('what is no search becomes a dead letter, and a search of an unknown cascade is put back', async () => {
  const { scope, models } = stage
  const producer = scope.kafka().producer()
  await producer.connect()
  const topic = scope.topic('lane')
  const unknown = { cascade: 'old', path: 'x', step: 0, values: ['1'], root: 'r', sinceMs: Date.now() }
  const old = { ...unknown, sinceMs: 0 }
  const messages = ['{', '{}', JSON.stringify(old)].map((value, index) => ({ value, partition: index % 2 }))
  await producer.send({ topic, messages })
  const admin = scope.kafka().admin()
  await admin.connect()
  await models.City.update({ name: 'Renamed' }, { where: { id: 1 } })
  await stage.whenIndexed()
  expect(await documentsOf('Renamed')).toBe(shops - shopsOfFirstCity)
  const [letters] = await admin.fetchTopicOffsets(scope.topic('lane.dead-letter'))
  expect(letters?.high).toBe('4')
  const ends = async (): Promise<number> =>
    (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  const before = await ends()
  const giveUpSoon = { ...unknown, sinceMs: Date.now() - 3_600_000 + 1_000 }
  await producer.send({ topic, messages: [{ value: JSON.stringify(giveUpSoon) }] })
  await stage.derived.whenCaughtUp()
  expect(await ends()).toBeGreaterThan(before + 1)
  await admin.disconnect()
  await producer.disconnect()
})

test('a restart in the middle repeats no more than the beginning and one page', async () => {
  const { derived, newCascades, models, updateStreamer } = stage
  const before = await sent()
  await models.Country.update({ name: 'Spain' }, { where: { id: 1 } })
  await updateStreamer.flush()
  await expect.poll(sent, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + lane.from)
  await derived.close()
  expect(await sent()).toBeLessThan(before + shops)
  const successors = newCascades()
  await successors.run()
  await successors.whenCaughtUp()
  await stage.indexer.whenCaughtUp()
  expect(await documentsOf('Spain')).toBe(shops)
  expect(await sent()).toBeLessThanOrEqual(before + shops + lane.from + pageSize)
})
