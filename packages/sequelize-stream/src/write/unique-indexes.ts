import type { QueryOptions, Sequelize } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import { addedStatementOptions } from './query-writes.ts'
import type { Table } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

interface Index {
  readonly unique: boolean
  readonly fields: readonly { readonly attribute: string }[]
}

type ColumnSets = readonly (readonly string[])[]

/** They rarely change, and are asked for once. */
const known = new WeakMap<Sequelize, Map<string, Promise<ColumnSets>>>()

/**
 * The columns of each unique index of a table on MySQL and MariaDB, whose ON DUPLICATE KEY heeds them all, also those
 * that the model does not declare. Elsewhere the statement names the one that counts.
 */
export function uniqueIndexes({ model, options }: WriteScope, table: Table): Promise<ColumnSets> {
  const sequelize = sequelizeOf(model)
  if (!['mysql', 'mariadb'].includes(sequelize.getDialect())) return Promise.resolve([])
  const ofTables = known.get(sequelize) ?? new Map<string, Promise<ColumnSets>>()
  known.set(sequelize, ofTables)
  const key = JSON.stringify(table)
  let sets = ofTables.get(key)
  if (sets === undefined) {
    ofTables.set(key, (sets = readIndexes(model, table, addedStatementOptions(options))))
    sets.catch(() => ofTables.delete(key))
  }
  return sets
}

async function readIndexes(model: AnyModel, table: Table, options: QueryOptions): Promise<ColumnSets> {
  const indexes = await sequelizeOf(model).getQueryInterface().showIndex(table, options)
  return (indexes as readonly Index[])
    .filter(({ unique }) => unique)
    .map(({ fields }) => fields.map(({ attribute }) => attribute))
}
