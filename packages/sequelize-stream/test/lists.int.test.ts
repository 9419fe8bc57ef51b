import { decodeDelayMessage, decodeNamed, headerNames, isRecordList, silentLogger } from '@kt/core'
import { Producer } from '@kt/producer'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'

/** Many records of one transaction share messages. These tests use the real partitions of a real topic. */

const count = 1_000
let scope: TestScope
let sequelize: Sequelize
let producer: Producer
let topics: { readonly things: string; readonly delay: string }

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  producer = new Producer({ kafka: scope.kafka(), logger: silentLogger })
  topics = {
    things: await scope.createTopic('things', { partitions: 4 }),
    delay: await scope.createTopic('delay', { partitions: 2 }),
  }
  await sequelize.query('CREATE TABLE things (id text PRIMARY KEY, size int, "parentId" int)')
})
afterAll(async () => {
  await producer.close()
  await sequelize.close()
  await scope.close()
})

async function streamed(
  recordsPerMessage: number,
  work: (Thing: ModelStatic<Model>) => Promise<unknown>,
): Promise<void> {
  const options = { producer, recordsPerMessage, delayTopic: topics.delay, logger: silentLogger }
  await using updateStreamer = new UpdateStreamer(options)
  const attributes = {
    id: { type: DataTypes.TEXT, primaryKey: true },
    size: DataTypes.INTEGER,
    parentId: { type: DataTypes.INTEGER, references: { model: 'things', key: 'id' } },
  }
  const Thing = sequelize.define('Thing', attributes, { tableName: 'things', timestamps: false })
  onTestFinished(updateStream(Thing, { updateStreamer, topic: topics.things }))
  await work(Thing)
}

interface Named {
  readonly ids: readonly string[]
  readonly partition: number
  readonly changeId: string | undefined
}

/** Returns a topic's messages, starting at the given number. */
async function messagesIn(topic: string, from = 0): Promise<readonly Named[]> {
  const all = (await scope.readTopic(topic)).toSorted((a, b) => a.timestampMs - b.timestampMs)
  return all.slice(from).map(({ text, partition, headers }) => {
    const named = topic === topics.delay ? decodeDelayMessage(text).payload : decodeNamed(text)
    const ids = isRecordList(named) ? named.ids.map(String) : [String(named.id)]
    return { ids, partition, changeId: headers[headerNames.changeId] }
  })
}

const ids = Array.from({ length: count }, (_, index) => `thing "${index}"`)

it('a bulk write sends few messages, and each record to the partition of its single messages', async () => {
  await streamed(500, (Thing) => Thing.bulkCreate(ids.map((id) => ({ id, size: 1 }))))
  const lists = await messagesIn(topics.things)
  expect(lists.flatMap((each) => each.ids).toSorted()).toEqual(ids.toSorted())
  expect(lists.length).toBeLessThanOrEqual(8)
  const delays = await messagesIn(topics.delay)
  const byChange = (messages: readonly Named[]): unknown =>
    Object.fromEntries(messages.map((each) => [each.changeId, each.ids]))
  expect(byChange(delays)).toEqual(byChange(lists))

  await streamed(1, (Thing) => Thing.update({ size: 2 }, { where: {} }))
  const singles = await messagesIn(topics.things, lists.length)
  expect(singles).toHaveLength(count)
  const placesOf = (messages: readonly Named[]): unknown =>
    Object.fromEntries(messages.flatMap((each) => each.ids.map((id) => [id, each.partition])))
  expect(placesOf(lists)).toEqual(placesOf(singles))
})

it('few changes, and changes that lose a parent, have one message each', async () => {
  const before = (await messagesIn(topics.things)).length
  await streamed(500, async (Thing) => {
    await Thing.update({ size: 3 }, { where: { id: ids.slice(0, 99) } })
    await Thing.update({ parentId: 7 }, { where: {} })
    await Thing.destroy({ where: { parentId: 7 } })
  })
  const sent = await messagesIn(topics.things, before)
  const alone = sent.filter((each) => each.ids.length === 1)
  // The update of 99 and the destroy, whose messages contain the parent. Before that the rows had no parent to lose.
  expect(alone.length).toBeGreaterThanOrEqual(99 + count)
  expect(sent.length).toBeLessThan(99 + 2 * count)
})
