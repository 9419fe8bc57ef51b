import { Producer } from '@kt/producer'
import { decodeDelayMessage, headerNames, silentLogger } from '@kt/core'
import type { Logger } from '@kt/core'
import { Sequelize } from 'sequelize'
import type { ModelStatic, Model } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { updateStream, UpdateStreamer } from '../../src/index.ts'
import { defineModels, resetRows, rows } from './models.ts'
import type { Models } from './models.ts'
import { RecordingProducer } from './recording-producer.ts'
import type { SentMessage } from './recording-producer.ts'

/** Streamed models on a real database and a real Kafka, and a second connection that sees only committed data. */
export interface Harness {
  readonly scope: TestScope
  readonly sequelize: Sequelize
  readonly models: Models
  readonly streamer: UpdateStreamer
  readonly recorder: RecordingProducer
  readonly counters: Map<string, number>
  readonly delayTopic: string
  topicOf(name: string): string
  committed(): Promise<string>
  reset(): Promise<void>
  close(): Promise<void>
}

export async function createHarness(file: string, logger: Logger = silentLogger): Promise<Harness> {
  const scope = await createTestScope(file)
  const delayTopic = await scope.createTopic('delay')
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false, pool: { max: 5 } })
  const other = new Sequelize(scope.databaseUrl, { logging: false, pool: { max: 2 } })
  const models = defineModels(sequelize)
  await sequelize.sync()
  const producer = new Producer({ kafka: scope.kafka(), logger: silentLogger })
  const recorder = new RecordingProducer(producer)
  const counters = new Map<string, number>()
  const meter = {
    add: (name: string, value: number) => void counters.set(name, (counters.get(name) ?? 0) + value),
    record: () => undefined,
  }
  const streamer = new UpdateStreamer({ producer: recorder, delayTopic, logger, meter })
  for (const model of Object.values(models) as ModelStatic<Model>[]) {
    const topic = await scope.createTopic(model.tableName)
    updateStream(model, { updateStreamer: streamer, topic })
  }
  return {
    scope,
    sequelize,
    models,
    streamer,
    recorder,
    counters,
    delayTopic,
    topicOf: (name) => scope.topic(name),
    committed: async () => {
      const selects = Object.keys(rows).map(
        (table) => `(SELECT json_agg(t ORDER BY t::text) FROM ${table} t) AS ${table}`,
      )
      const [found] = await other.query(`SELECT ${selects.join(', ')}`)
      return JSON.stringify(found)
    },
    reset: async () => {
      await streamer.flush()
      recorder.before = () => undefined
      await resetRows(sequelize)
      recorder.take()
    },
    close: async () => {
      await streamer.close()
      await producer.close()
      await Promise.all([sequelize.close(), other.close()])
      await scope.close()
    },
  }
}

export interface Told {
  /** `table:id`, sorted. */
  readonly delays: readonly string[]
  readonly instants: readonly string[]
  readonly references: Readonly<Record<string, unknown>>
}

/** Returns the contents of messages. Checks that both kinds have the same payloads and change ids. */
export function told(harness: Harness, messages: readonly SentMessage[]): Told {
  const strip = (topic: string): string => topic.slice(harness.scope.prefix.length + 1)
  const delays = messages.filter((each) => each.topic === harness.delayTopic)
  const instants = messages.filter((each) => each.topic !== harness.delayTopic)
  const asInstant = delays.map((each): SentMessage => {
    const { payload, topic } = decodeDelayMessage(each.value)
    return { ...each, value: JSON.stringify(payload), topic }
  })
  const byId = (each: SentMessage): string => each.headers?.[headerNames.changeId] ?? ''
  for (const instant of instants) {
    const delay = asInstant.find((each) => byId(each) === byId(instant))
    if (JSON.stringify(delay?.value) !== JSON.stringify(instant.value))
      throw new Error(`The instant message of ${instant.key} has no such delay message`)
  }
  const name = (each: SentMessage): string => `${strip(each.topic)}:${each.key}`
  const references: Record<string, Record<string, readonly unknown[]>> = {}
  for (const each of asInstant) {
    const payload = JSON.parse(each.value) as { references?: Record<string, readonly unknown[]> }
    for (const [attribute, ids] of Object.entries(payload.references ?? {})) {
      const ofRecord = (references[name(each)] ??= {})
      ofRecord[attribute] = [...new Set([...(ofRecord[attribute] ?? []), ...ids])]
    }
  }
  return {
    delays: asInstant.map(name).toSorted(),
    instants: instants.map(name).toSorted(),
    references,
  }
}
