import { QueryTypes } from 'sequelize'
import type { QueryOptions, Sequelize } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import type { Table } from './query-writes.ts'

/** What is known of the tables of a database, by question and table. */
const known = new WeakMap<Sequelize, Map<string, boolean>>()

/** A question to PostgreSQL's catalogue. */
export interface Question {
  readonly name: string
  /** The condition that it asks about a table, of which it gets the `regclass`. */
  readonly condition: (table: string) => string
}

/** Asks the catalogue about a table, once. */
export async function askCatalogue(
  model: AnyModel,
  table: Table,
  options: QueryOptions & { readonly searchPath?: string },
  { name, condition }: Question,
): Promise<boolean> {
  const sequelize = sequelizeOf(model)
  const answers = known.get(sequelize) ?? new Map<string, boolean>()
  known.set(sequelize, answers)
  const { schema, tableName } = typeof table === 'string' ? { tableName: table, schema: '' } : table
  const key = `${name} ${schema}.${tableName} ${options.searchPath}`
  const before = answers.get(key)
  if (before !== undefined) return before
  const generator = sequelize.getQueryInterface().queryGenerator as { quoteTable(table: Table): string }
  const regclass = `${sequelize.escape(generator.quoteTable(table))}::regclass`
  const { replacements: _, ...rest } = options
  const [rows] = await sequelize.query(`SELECT ${condition(regclass)} AS answer`, {
    ...rest,
    type: QueryTypes.RAW,
  })
  const answer = (rows as readonly { readonly answer: boolean }[])[0]?.answer === true
  answers.set(key, answer)
  return answer
}
