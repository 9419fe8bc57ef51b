import { QueryTypes } from 'sequelize'
import type { Sequelize, WhereOptions } from 'sequelize'
import { qualifiedName, sequelizeOf } from '../model/model-class.ts'
import { optionsOf, outsideTransactions } from '../model/untyped.ts'
import type { AnyModel } from '../model/types.ts'

/** Counts the records of a model that meet a condition, without scopes. */
export function countRecords(
  model: AnyModel,
  options: { readonly where: WhereOptions; readonly paranoid: boolean },
): Promise<number> {
  return model.unscoped().count({ ...options, ...outsideTransactions })
}

/**
 * Identifies the database and the table of a model. PostgreSQL has an identifier that a standby shares and a new cluster
 * doesn't. Other databases have none that survives a failover, so there it is only a name.
 *
 * @throws the database's error
 */
export async function databaseOf(model: AnyModel): Promise<string> {
  const sequelize = sequelizeOf(model)
  const dialect = sequelize.getDialect()
  const name =
    dialect === 'postgres'
      ? await clusterAndDatabase(sequelize)
      : (optionsOf(sequelize).storage ?? sequelize.getDatabaseName())
  return [dialect, name, qualifiedName(model)].join(':')
}

async function clusterAndDatabase(sequelize: Sequelize): Promise<string> {
  const [row] = await sequelize.query<{ readonly name: string }>(
    `SELECT system_identifier || '/' || current_database() AS name FROM pg_control_system()`,
    { type: QueryTypes.SELECT, ...outsideTransactions },
  )
  return row?.name ?? ''
}
