import { silentLogger } from '@kt/core'
import type { MessageProducer, Payload } from '@kt/core'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { outbox, updateStream, UpdateStreamer } from '../../src/index.ts'
import type { Outbox, OutboxOptions } from '../../src/index.ts'
import { sqlite3Module } from './sqlite3-module.ts'

export interface StageOptions {
  readonly databaseUrl: string
  readonly producer: MessageProducer
  readonly topic?: string
  readonly delayTopic?: string
  readonly outbox?: OutboxOptions
  readonly connections?: number
}

/** An application with an outbox and one model, whose payload contains the version of a record. */
export interface Stage extends AsyncDisposable {
  readonly sequelize: Sequelize
  readonly outbox: Outbox
  readonly streamer: UpdateStreamer
  readonly City: ModelStatic<Model<{ id: number; version: number; tag: string | null }>>
  readonly counters: Map<string, number>
  /** Returns every statement since the last call. */
  statements(): readonly string[]
  /** Returns the table's contents as others see them, rejected messages included. */
  stored(): Promise<readonly StoredRow[]>
}

interface StoredRow {
  readonly topic: string
  readonly record_key: string
  readonly payload: string
  readonly refused: string | null
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { databaseUrl, producer, topic = 'cities', delayTopic = 'delay_5m', connections = 5 } = options
  const statements: string[] = []
  const logging = (sql: string): void => void statements.push(sql)
  const driver = databaseUrl.startsWith('sqlite:') ? { dialectModule: sqlite3Module } : {}
  const sequelize = new Sequelize(databaseUrl, { ...driver, logging, pool: { max: connections } })
  const other = new Sequelize(databaseUrl, { ...driver, logging: false, pool: { max: 1 } })
  const City = sequelize.define<Model<{ id: number; version: number; tag: string | null }>>(
    'City',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      version: DataTypes.INTEGER,
      tag: DataTypes.TEXT,
    },
    { tableName: 'outbox_cities', timestamps: false },
  )
  await City.sync()
  await City.truncate()
  const counters = new Map<string, number>()
  const meter = {
    add: (name: string, value: number) => void counters.set(name, (counters.get(name) ?? 0) + value),
    record: () => undefined,
  }
  const box = outbox(sequelize, options.outbox)
  const streamer = new UpdateStreamer({
    producer,
    delayTopic,
    whenUnavailable: box,
    logger: silentLogger,
    meter,
  })
  const payload = (record: Model): Payload => {
    const { id, version, tag } = record.get() as { id: number; version: number; tag: string | null }
    return { id, version, ...(tag !== null && { tag }) }
  }
  updateStream(City, { updateStreamer: streamer, topic, payload })
  return {
    sequelize,
    outbox: box,
    streamer,
    City,
    counters,
    statements: () => statements.splice(0),
    stored: async () => {
      const [rows] = await other.query(`SELECT * FROM ${box.table.name} ORDER BY id`)
      return rows as StoredRow[]
    },
    [Symbol.asyncDispose]: async () => {
      await streamer.close()
      await Promise.all([sequelize.close(), other.close()])
    },
  }
}

/** Returns the versions in the messages of each record, in order. */
export function versionsByKey(
  messages: readonly { readonly key?: string | null; readonly text: string | null }[],
): Map<string, number[]> {
  const versions = new Map<string, number[]>()
  for (const { key, text } of messages) {
    const { version } = JSON.parse(text ?? '{}') as { version: number }
    versions.set(key ?? '', [...(versions.get(key ?? '') ?? []), version])
  }
  return versions
}
