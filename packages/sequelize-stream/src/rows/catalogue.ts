import { QueryTypes } from 'sequelize'
import type { QueryOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import { tableFact } from './table-facts.ts'
import type { AnyModel, Table } from '../model/types.ts'

/** A yes-or-no question to PostgreSQL's catalogue. */
export interface Question {
  readonly name: string
  /** Builds the condition from the table's `regclass`. */
  readonly condition: (table: string) => string
}

/** Asks the catalogue about a table. */
export async function askCatalogue(
  model: AnyModel,
  table: Table,
  options: QueryOptions & { readonly searchPath?: string },
  { name, condition }: Question,
): Promise<boolean> {
  const sequelize = sequelizeOf(model)
  const quoted = generatorOf(model).quoteTable(table)
  return tableFact(sequelize, `${name} ${quoted} ${options.searchPath}`, async () => {
    const { replacements: _, ...rest } = options
    const [rows] = await sequelize.query(
      `SELECT ${condition(`${sequelize.escape(quoted)}::regclass`)} AS answer`,
      { ...rest, type: QueryTypes.RAW },
    )
    return (rows as readonly { readonly answer: boolean }[])[0]?.answer === true
  })
}
