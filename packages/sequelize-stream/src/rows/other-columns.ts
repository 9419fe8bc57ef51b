import type { QueryOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { outsideTransactions } from '../model/untyped.ts'
import { askCatalogue } from './catalogue.ts'
import type { Question } from './catalogue.ts'
import { hasRules } from './rewrite-rules.ts'
import type { AnyModel } from '../model/types.ts'

const question: Question = {
  name: 'other columns',
  // Bits of tgtype: 4 insert, 16 update. An UPDATE may move a row to another partition, and so insert it. A view may
  // compute its columns.
  condition: (table) =>
    `(SELECT relkind NOT IN ('r', 'p') FROM pg_catalog.pg_class WHERE oid = ${table}) OR ${hasRules(table, '2')}
      OR EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = ${table} AND attgenerated <> '')
      OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE (tgrelid = ${table} OR tgrelid IN (SELECT relid FROM pg_partition_tree(${table})))
        AND NOT tgisinternal AND tgtype & 20 <> 0)`,
}

/**
 * Whether an UPDATE of the model's table may change columns that it doesn't name: by generated columns, triggers or
 * rules, or because it is a view or a foreign table. The answer is cached for a minute. On databases other than
 * PostgreSQL it is always true.
 *
 * @throws the database's error
 */
export async function mayChangeOtherColumns(model: AnyModel): Promise<boolean> {
  if (sequelizeOf(model).getDialect() !== 'postgres') return true
  const options: QueryOptions = { ...outsideTransactions, useMaster: true, logging: false }
  return askCatalogue(model, model.getTableName(), options, question)
}
