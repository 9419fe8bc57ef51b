import { silentLogger } from '@kt/core'
import { Sequelize } from 'sequelize'
import type { Model, ModelAttributes, ModelOptions, ModelStatic, Options } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { updateStream, UpdateStreamer } from '../../src/index.ts'
import { RecordingProducer } from './recording-producer.ts'

type AnyModel = ModelStatic<Model>
type Run = (db: Database) => Promise<unknown>

export interface Database {
  readonly sequelize: Sequelize
  readonly define: (
    name: string,
    attributes: ModelAttributes,
    options?: ModelOptions & { payload?: (record: Model) => { id: string | number } },
  ) => AnyModel
}

interface BothWays {
  /** Results of a run without and with a stream, and the sent messages. */
  readonly plain: unknown
  readonly streamed: unknown
  readonly told: readonly string[]
  readonly delays: number
}

export interface Stage {
  readonly updateStreamer: UpdateStreamer
  readonly producer: RecordingProducer
  /** Runs the same without and with a stream, on the same, recreated tables. */
  readonly bothWays: (tables: string, run: Run, options?: Options) => Promise<BothWays>
  /** Another connection. */
  readonly query: (sql: string) => Promise<unknown>
  /** Returns all rows of a table in a fixed order. */
  readonly rows: (table: string) => Promise<unknown>
}

/** A database of a test file's own, to compare writes with and without a stream. */
export function bothWaysStage(file: string): Stage {
  let scope: TestScope
  let other: Sequelize
  const producer = new RecordingProducer()
  const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
  beforeAll(async () => {
    scope = await createTestScope(file)
    other = new Sequelize(scope.databaseUrl, { logging: false })
  })
  afterAll(async () => {
    await updateStreamer.close()
    await other.close()
    await scope.close()
  })

  async function once(isStreamed: boolean, tables: string, run: Run, options: Options): Promise<unknown> {
    await other.query(
      `DROP SCHEMA IF EXISTS red CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${tables}`,
    )
    const sequelize = new Sequelize(scope.databaseUrl, {
      logging: false,
      define: { timestamps: false },
      ...options,
    })
    onTestFinished(() => sequelize.close())
    const define: Database['define'] = (name, attributes, { payload, ...modelOptions } = {}) => {
      const copies = Object.entries(attributes).map(([attribute, value]) => [
        attribute,
        typeof value === 'object' ? { ...value } : value,
      ])
      const model = sequelize.define(name, Object.fromEntries(copies) as ModelAttributes, {
        tableName: `${name.toLowerCase()}s`,
        ...modelOptions,
      })
      if (isStreamed) updateStream(model, { updateStreamer, ...(payload && { payload }) })
      return model
    }
    return outcome(run({ sequelize, define }))
  }

  return {
    updateStreamer,
    producer,
    async bothWays(tables, run, options = {}) {
      const plain = await once(false, tables, run, options)
      // Two equal failures would prove nothing.
      expect(plain).not.toBeTypeOf('string')
      producer.take()
      const streamed = await once(true, tables, run, options)
      await updateStreamer.flush()
      const sent = producer.take()
      const told = sent.filter(({ topic }) => topic !== 'delay_5m').map(({ value }) => value)
      return { plain, streamed, told: told.toSorted(), delays: sent.length - told.length }
    },
    query: (sql) => other.query(sql),
    async rows(table) {
      const [found] = await other.query(`SELECT * FROM ${table} t ORDER BY t::text`)
      return found
    },
  }
}

/** Returns the result of a call as JSON, or its error as text. */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify((await call) ?? null, jsonValue)) as unknown
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}

function jsonValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' || value === Infinity || value === -Infinity ? String(value) : value
}
