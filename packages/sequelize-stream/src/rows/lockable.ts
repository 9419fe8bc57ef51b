import type { QueryOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { askCatalogue } from './catalogue.ts'
import type { Question } from './catalogue.ts'
import { hasRules } from './rewrite-rules.ts'
import type { AnyModel, Table } from '../model/types.ts'

const question: Question = {
  name: 'lock',
  // PostgreSQL lets a user lock rows who may update any of their columns, except in views that group or join. Bit 4 of
  // a relation's own capabilities is UPDATE. A rule also allows updates, but doesn't affect locks.
  condition: (table) =>
    `has_any_column_privilege(${table}, 'UPDATE') AND ((SELECT relkind FROM pg_catalog.pg_class WHERE oid = ${table}) <> 'v'
      OR (pg_relation_is_updatable(${table}, false) & 4 <> 0 AND NOT ${hasRules(table, '2')}))`,
}

/** Whether rows can be read with a lock. A view with triggers, for example, can be written but not locked. */
export async function isLockable(model: AnyModel, table: Table, options: QueryOptions): Promise<boolean> {
  const dialect = sequelizeOf(model).getDialect()
  return dialect === 'postgres' ? askCatalogue(model, table, options, question) : true
}
