import { inspect } from 'node:util'
import { decodeDelayMessage, decodePayload, silentLogger } from '@kt/core'
import type { Model, ModelStatic, Sequelize } from 'sequelize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../../../src/index.ts'
import { RecordingProducer } from '../../support/recording-producer.ts'
import type { Dialect } from '../dialect.ts'
import { oddPaths } from './odd-paths.ts'
import type { OddPath } from './odd-paths.ts'
import { plainAttributes } from './odd-table.ts'
import type { OddTable, Values } from './odd-table.ts'
import { oddTables } from './odd-tables.ts'

/** Every kind of write to every odd table has the same result with and without a stream, and reports every row. */
export function describeOddTables(dialect: Dialect): void {
  const tables = oddTables.filter(({ dialects }) => dialects?.includes(dialect.name) ?? true)
  describe.each(tables)('$name', (table) => {
    const producer = new RecordingProducer()
    const updateStreamer = new UpdateStreamer({ producer, logger: silentLogger })
    let plain: Side
    let streamed: Side
    beforeAll(() => {
      plain = side(dialect, table)
      streamed = side(dialect, table)
      updateStream(streamed.model, { updateStreamer, topic: 'odd' })
    })
    afterAll(async () => {
      await updateStreamer.close()
      await plain.sequelize.close()
      await streamed.sequelize.close()
    })

    it.each(oddPaths)('$name', async (path) => {
      const without = await outcome(plain, plain, path)
      producer.take()
      const withStream = await outcome(streamed, plain, path)
      await updateStreamer.flush()
      const sent = producer.take()
      const told = sent.filter(({ topic }) => topic === 'odd').map(({ value }) => decodePayload(value))
      const delays = sent.filter(({ topic }) => topic === 'delay_5m')
      const safe = delays.map(({ value }) => decodeDelayMessage(value).payload as { id: string })
      const changes: Changes = { without, withStream, told: idsIn(told), safe: idsIn(safe) }
      expect(problems(changes, table, path)).toEqual([])
    })
  })
}

interface Changes {
  readonly without: Outcome
  readonly withStream: Outcome
  /** The ids in instant messages. */
  readonly told: readonly string[]
  /** The ids in delay messages. */
  readonly safe: readonly string[]
}

/** Describes all problems in words. */
function problems(changes: Changes, table: OddTable, path: OddPath): readonly string[] {
  const { without, withStream } = changes
  const isChange = changedIds(without).length > 0
  // Changes of rows without an id are rejected. They may pass if nothing would have changed.
  if (table.isNamed === false && (isChange || withStream.error !== '')) return unlessRejected(changes)
  const isOpen = (path.isOpen === true || table.skipsRows === true) && !isChange
  const found: string[] = []
  if (withStream.error !== without.error)
    found.push(`the error "${withStream.error}", not "${without.error}"`)
  if (withStream.result !== without.result && !isOpen)
    found.push(`the result ${withStream.result}, not ${without.result}`)
  const [rows, rowsWithout] = [rowsOfOutcome(withStream, table), rowsOfOutcome(without, table)]
  if (rows !== rowsWithout) found.push(`the rows ${rows}, not ${rowsWithout}`)
  return [...found, ...unlessTold(changes, isOpen)]
}

function unlessRejected({ without, withStream, told }: Changes): readonly string[] {
  const found: string[] = []
  if (without.error === '' && !withStream.error.startsWith('KtError: ')) found.push('not rejected')
  if (inspect(withStream.after) !== inspect(withStream.before)) found.push('written, though rejected')
  if (told.length > 0) found.push(`reported ${told.join()}`)
  return found
}

/** A surplus message is harmless if the row exists. */
function unlessTold({ withStream, told, safe }: Changes, isOpen: boolean): readonly string[] {
  const { before, after } = withStream
  return [
    ...changedIds(withStream)
      .filter((id) => !told.includes(id))
      .map((id) => `did not report ${id}, but ${told.join()}`),
    ...told.filter((id) => !safe.includes(id)).map((id) => `no delay message for ${id}`),
    ...told
      .filter((id) => !isOpen && !before.has(id) && !after.has(id))
      .map((id) => `reported ${id}, which is not a row`),
  ]
}

interface Side {
  readonly sequelize: Sequelize
  readonly model: ModelStatic<Model>
  readonly table: OddTable
}

type Rows = ReadonlyMap<string, Values>

interface Outcome {
  readonly result: string
  /** Empty if there was none. */
  readonly error: string
  readonly before: Rows
  readonly after: Rows
}

function side(dialect: Dialect, table: OddTable): Side {
  const sequelize = dialect.connect(() => undefined, table.sequelize)
  const attributes = { ...plainAttributes, ...table.attributes }
  const copies = Object.entries(attributes).map(([name, value]) => [
    name,
    // Sequelize writes the attribute's name into this object.
    Object.getPrototypeOf(value) === Object.prototype ? { ...(value as object) } : value,
  ])
  const model = sequelize.define('Odd', Object.fromEntries(copies) as typeof attributes, {
    tableName: 'odds',
    timestamps: false,
    ...table.model,
  })
  return { sequelize, model, table }
}

/** Runs a path on the recreated table, with two rows written by an unstreamed model. */
async function outcome({ model, table }: Side, plain: Side, path: OddPath): Promise<Outcome> {
  await makeAnew(plain)
  const before = await rowsOf(plain)
  let result: unknown
  let error = ''
  try {
    result = await path.write({ model, table, options: table.options ?? {} })
  } catch (caught) {
    error = String(caught)
  }
  return { result: textOf(result, table), error, before, after: await rowsOf(plain) }
}

async function makeAnew({ sequelize, model, table }: Side): Promise<void> {
  const { schema } = table.model ?? {}
  if (schema !== undefined) await sequelize.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  await model.sync({ force: true })
  const generator = sequelize.getQueryInterface().queryGenerator as { quoteTable(name: unknown): string }
  const name = generator.quoteTable(model.getTableName())
  for (const sql of table.setUp ?? []) await sequelize.query(sql.replace(/\bT\b/, name))
  const [one, two] = table.keys
  for (const [index, key] of [one, two].entries())
    await model.create({ ...key, label: index === 0 ? 'one' : 'two', amount: index + 1 }, table.options)
}

/** Returns all rows by id, whatever the model says about them. */
async function rowsOf({ model, table }: Side): Promise<Rows> {
  const rows = (await model
    .unscoped()
    .findAll({ raw: true, paranoid: false, ...table.options })) as unknown as Values[]
  const named = rows.map(
    (row) => [model.primaryKeyAttributes.map((key) => partOf(row[key], model)).join(','), row] as const,
  )
  return new Map(named.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function partOf(value: unknown, { primaryKeyAttributes }: ModelStatic<Model>): string {
  const text = textOfPart(value)
  const escaped = text.replaceAll('%', '%25').replaceAll(',', '%2C')
  return primaryKeyAttributes.length === 1 ? text : escaped
}

function textOfPart(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  // SQLite has texts instead of dates.
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d .* \+00:00$/.test(value))
    return new Date(value).toISOString()
  if (typeof value !== 'object' || value === null) return String(value)
  // MariaDB's driver may return an object for a large number, which can convert itself.
  return 'low' in value ? (value as { toString(): string }).toString() : inspect(value)
}

/** Returns the ids of new, deleted and changed rows. */
function changedIds({ before, after }: Outcome): readonly string[] {
  const ids = new Set([...before.keys(), ...after.keys()])
  return [...ids].filter((id) => inspect(before.get(id)) !== inspect(after.get(id))).toSorted()
}

function idsIn(payloads: readonly { readonly id: string | number }[]): readonly string[] {
  return [...new Set(payloads.map(({ id }) => String(id)))].toSorted()
}

/** Leaves out times, and keys generated by the database or the model. */
function textOf(value: unknown, { keys, attributes }: OddTable): string {
  const text = JSON.stringify(value ?? null, (_, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  )
  const timeless = text.replaceAll(/"\d{4}-\d\d-\d\d[T ][^"]*"/g, '"time"')
  const isUuid = Object.keys(attributes).includes('id') && Object.keys(keys[0] ?? {}).length === 0
  return isUuid ? timeless.replaceAll(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '"uuid"') : timeless
}

function rowsOfOutcome({ after }: Outcome, table: OddTable): string {
  return [...after.values()]
    .map((row) => textOf(row, table))
    .toSorted()
    .join()
}
