import { QueryTypes } from 'sequelize'
import { recordStreamOf } from '@kt/core'
import { sequelizeOf } from '../model/model-class.ts'
import { destinationOf } from '../model/model-stream.ts'
import type { ModelStream } from '../model/model-stream.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import { generatorOf } from '../model/query-generator.ts'
import { WriteScope } from '../write-scope.ts'
import type { AnyModel, Table } from '../model/types.ts'

/**
 * Finds the other streamed models whose tables a TRUNCATE … CASCADE also empties: those that refer to the table,
 * directly or through others.
 */
export async function truncatedAlong(scope: WriteScope, table: Table): Promise<readonly WriteScope[]> {
  const { model, context, writes, options } = scope
  const sequelize = sequelizeOf(model)
  const generator = generatorOf(model)
  const nameOf = (each: Table): string => sequelize.escape(generator.quoteTable(each))
  const others = Object.values(sequelize.models)
    .map((each) => ({ model: each as AnyModel, stream: streamOf(each as AnyModel) }))
    .filter((each): each is { model: AnyModel; stream: ModelStream } => each.stream !== undefined)
    .filter((each) => each.model.name !== model.name)
  if (others.length === 0) return []
  const names = others.map((each, index) => `(${index}, ${nameOf(each.model.getTableName() as Table)})`)
  const rows = await sequelize.query<{ readonly index: number }>(
    `WITH RECURSIVE emptied (id) AS (
       SELECT ${nameOf(table)}::regclass::oid
       UNION SELECT conrelid FROM pg_catalog.pg_constraint JOIN emptied ON confrelid = id WHERE contype = 'f'
     ) SELECT index FROM (VALUES ${names.join(', ')}) AS streamed (index, name)
       WHERE to_regclass(name)::oid IN (SELECT id FROM emptied)`,
    { ...(addedStatementOptions(options) as object), type: QueryTypes.SELECT },
  )
  return rows.flatMap(({ index }) => {
    const other = others[index]
    if (other === undefined) return []
    const destination = destinationOf(other.model, other.stream)
    return [new WriteScope({ ...other, destination, context, writes }, options, options.transaction, false)]
  })
}

function streamOf(model: AnyModel): ModelStream | undefined {
  return recordStreamOf({ constructor: model }) as ModelStream | undefined
}
