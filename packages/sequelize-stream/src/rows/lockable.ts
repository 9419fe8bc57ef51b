import type { QueryOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import { askCatalogue } from './catalogue.ts'
import type { Question } from './catalogue.ts'
import type { Table } from '../model/query-generator.ts'
import { hasRules } from './rewrite-rules.ts'

const question: Question = {
  name: 'lock',
  // PostgreSQL locks rows for those who may update any column of them, and in no view that groups or joins them. Bit 4
  // of what a relation allows by itself is an UPDATE; a rule allows it, too, and says nothing of locks.
  condition: (table) =>
    `has_any_column_privilege(${table}, 'UPDATE') AND ((SELECT relkind FROM pg_catalog.pg_class WHERE oid = ${table}) <> 'v'
      OR (pg_relation_is_updatable(${table}, false) & 4 <> 0 AND NOT ${hasRules(table, '2')}))`,
}

/** Whether rows can be read with a lock: a view with triggers can be written though not locked, for example. */
export async function isLockable(model: AnyModel, table: Table, options: QueryOptions): Promise<boolean> {
  const dialect = sequelizeOf(model).getDialect()
  return dialect === 'postgres' ? askCatalogue(model, table, options, question) : true
}
