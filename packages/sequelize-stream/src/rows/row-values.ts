import { literal, Op } from 'sequelize'
import { primaryKeyColumns, sequelizeOf } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import { exactText } from './exact-keys.ts'
import type { AnyModel, Row, Where } from '../model/types.ts'

/** With fewer rows it makes no difference. */
const worthwhile = 100

/**
 * The condition that selects rows by composite primary key from one list. SQLite, MySQL and MariaDB look the list up in
 * the index, whereas they compare each row of the table with thousands of ORs. Undefined where it isn't available.
 */
export function rowValuesCondition(model: AnyModel, rows: readonly Row[]): Where | undefined {
  const sequelize = sequelizeOf(model)
  const dialect = sequelize.getDialect()
  if (model.primaryKeyAttributes.length === 1 || rows.length < worthwhile) return undefined
  if (!['sqlite', 'mysql', 'mariadb'].includes(dialect)) return undefined
  const generator = generatorOf(model)
  const columns = primaryKeyColumns(model).map((column) => generator.quoteIdentifier(column))
  const keys = rows.map((row) =>
    model.primaryKeyAttributes.map(
      (each) => (exactText(model, row, each) ?? row[each]) as string | number | Date,
    ),
  )
  const list = keys.map((key) => `(${key.map((part) => sequelize.escape(part)).join(', ')})`).join(', ')
  // Sequelize would take a dollar sign for a parameter, even within a text.
  if (list.includes('$')) return undefined
  return {
    [Op.and]: [literal(`(${columns.join(', ')}) IN (${dialect === 'sqlite' ? 'VALUES ' : ''}${list})`)],
  }
}
