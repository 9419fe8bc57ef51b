import { Client } from '@elastic/elasticsearch'
import type { Logger } from '@kt/core'
import { createDelayTopic } from '@kt/delayer'
import { indexSettings } from '@kt/indexer'
import { Producer } from '@kt/producer'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Kafka, logLevel } from 'kafkajs'
import { Sequelize } from 'sequelize'
import { evidenceBetween, findAgent } from './agent.ts'
import { useCls } from './cls.ts'
import { streamsOf } from './definitions.ts'
import { readIdleTimeouts } from './idle-timeouts.ts'
import { defineModels } from './models.ts'
import type { Models } from './models.ts'
import { Recorder } from './recorder.ts'
import type { Report } from './report.ts'
import { makeWrites, makeWritesWithCls } from './run.ts'
import type { Side } from './run.ts'
import type { Settings } from './settings.ts'
import { Workers } from './workers.ts'

/** Sequelize options that can't be sent as data, such as `dialectModule`. */
export type ExtraOptions = Readonly<Record<string, unknown>>

/** Makes all writes without a stream and with one, and waits until the indexes have caught up. */
export async function runApplication(settings: Settings, extra: ExtraOptions = {}): Promise<Report> {
  const agent = findAgent()
  const log: string[] = []
  const plain = await openSide(settings, settings.plainUrl, extra)
  const application = await openApplication(settings, extra, linesTo(log))
  const streamed: Side = { ...application, recorder: new Recorder(agent) }
  await application.workers.run()
  const before = agent.evidence()
  await makeWrites(plain)
  const between = agent.evidence()
  await makeWrites(streamed)
  const after = agent.evidence()
  const idleTimeouts = await application.idleTimeouts()
  const statement = await agent.trace('statement', () => readOwnStatement(streamed.sequelize))
  useCls()
  await makeWritesWithCls(plain)
  await makeWritesWithCls(streamed)
  await application.updateStreamer.flush()
  await application.workers.whenCaughtUp()
  const delayed = await application.workers.delayed()
  await Promise.all([application.close(), plain.sequelize.close()])
  await agent.flush?.()
  return {
    plain: plain.recorder.outcomes,
    streamed: streamed.recorder.outcomes,
    idleTimeouts,
    statement,
    evidence: agent.evidence(),
    evidenceOfWrites: {
      plain: evidenceBetween(before, between),
      streamed: evidenceBetween(between, after),
    },
    log,
    delayed,
    nodeVersion: process.version,
  }
}

export interface Application {
  readonly sequelize: Sequelize
  readonly models: Models
  readonly updateStreamer: UpdateStreamer
  readonly workers: Workers
  idleTimeouts(): Promise<Record<string, string>>
  close(): Promise<void>
}

/** Sets up the application as the READMEs do: streams its models and creates its workers. */
export async function openApplication(
  settings: Settings,
  extra: ExtraOptions,
  logger: Logger,
): Promise<Application> {
  const { brokers, topicPrefix, delayMs } = settings
  const { sequelize, models } = await openDatabase(settings, settings.streamedUrl, extra)
  const kafka = (): Kafka => new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const producer = new Producer({ kafka: kafka(), logger })
  const delayTopic = `${topicPrefix}.delay`
  await createDelayTopic({ kafka: kafka(), topic: delayTopic, partitions: 2 })
  await createIndexes(settings, models)
  const updateStreamer = new UpdateStreamer({ producer, delayTopic, delayMs, logger })
  const uninstalls = new Map(
    streamsOf(models).map(({ table, model }) => [
      table,
      updateStream(model, { updateStreamer, topic: `${topicPrefix}.${table}` }),
    ]),
  )
  const workers = new Workers({ settings, sequelize, models, kafka, producer, logger })
  return {
    sequelize,
    models,
    updateStreamer,
    workers,
    idleTimeouts: async () => {
      const [table, model] = ['events', models.Event]
      const topic = `${topicPrefix}.${table}`
      uninstalls.get(table)?.()
      const found = await readIdleTimeouts({ settings, sequelize, model, topic, producer })
      updateStream(model, { updateStreamer, topic })
      return found
    },
    close: async () => {
      await workers.close()
      await updateStreamer.close()
      await producer.close()
      await sequelize.close()
    },
  }
}

async function openDatabase(
  settings: Settings,
  url: string,
  extra: ExtraOptions,
): Promise<Pick<Side, 'sequelize' | 'models'>> {
  const sequelize = new Sequelize(url, { logging: false, ...settings.sequelize, ...extra })
  const models = defineModels(sequelize)
  await sequelize.sync()
  return { sequelize, models }
}

async function readOwnStatement(sequelize: Sequelize): Promise<string> {
  const [rows] = await sequelize.query('SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()')
  const [row] = rows as { query: string }[]
  return row?.query ?? ''
}

async function openSide(settings: Settings, url: string, extra: ExtraOptions): Promise<Side> {
  return { ...(await openDatabase(settings, url, extra)), recorder: new Recorder(findAgent()) }
}

async function createIndexes(settings: Settings, models: Models): Promise<void> {
  const client = new Client({ node: settings.elasticsearchUrl })
  for (const { table } of streamsOf(models))
    await client.indices.create(
      { index: `${settings.indexPrefix}-${table}`, settings: { ...indexSettings } },
      { ignore: [400] },
    )
  await client.close()
}

function linesTo(lines: string[]): Logger {
  const write =
    (level: string): Logger['warn'] =>
    (message, fields) =>
      void lines.push(`${level}: ${message} ${JSON.stringify(fields ?? {})}`)
  const ignore = (): void => undefined
  return { debug: ignore, info: ignore, warn: write('warn'), error: write('error') }
}
