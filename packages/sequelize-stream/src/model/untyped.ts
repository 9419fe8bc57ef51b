import type { Options as RetryOptions } from 'retry-as-promised'
import { Transaction, Utils } from 'sequelize'
import type { Association, Model, QueryInterface, Sequelize, TransactionOptions } from 'sequelize'
import type { AnyModel, Row, Where } from './types.ts'

// The members of Sequelize 6 that its types leave out or declare too narrowly. The casts are in this folder.

/** Members of a model. */
interface ModelInternals {
  readonly uniqueKeys?: Readonly<Record<string, { readonly fields: readonly string[] }>>
  readonly _indexes?: readonly {
    readonly unique?: boolean
    readonly where?: unknown
    readonly fields?: readonly (string | { readonly name?: string; readonly attribute?: string })[]
  }[]
  readonly _timestampAttributes: { readonly deletedAt?: string; readonly updatedAt?: string }
  readonly autoIncrementAttribute?: string | null
  readonly tableAttributes: object
  readonly _schema?: string | null
  readonly _scope?: { readonly include?: unknown; readonly where?: unknown; readonly attributes?: unknown }
  readonly _virtualAttributes: ReadonlySet<string>
}

export function internals(model: AnyModel): ModelInternals {
  return model as unknown as ModelInternals
}

/** Converts any form of a model class: of `define`, `init` or decorators. */
export function toModel(model: abstract new (...args: never[]) => Model): AnyModel {
  return model as unknown as AnyModel
}

/** The keys of an association. Only a many-to-many one has `through`, whose model may declare no associations itself. */
interface AssociationKeys {
  readonly through?: { readonly model: AnyModel }
  readonly foreignKey: string
  readonly otherKey: string
  /** The attribute of the source that a foreign key refers to. */
  readonly sourceKey?: string
  /** The attribute of the target that a foreign key refers to. */
  readonly targetKey?: string
}

export function keysOf(association: Association): AssociationKeys {
  return association as unknown as AssociationKeys
}

/** Reads the records that are associated with `record`. */
export async function associatedWith(
  record: Model,
  association: Association,
  options: object,
): Promise<readonly Model[]> {
  const { accessors } = association as Association & { readonly accessors: { readonly get: string } }
  const getters = record as unknown as Record<string, (options: object) => Promise<Model | Model[] | null>>
  const found = (await getters[accessors.get]?.(options)) ?? []
  return Array.isArray(found) ? found : [found]
}

/** The results of a query with `raw: true`. */
export function rawRows(found: readonly Model[]): readonly Row[] {
  return found as unknown as readonly Row[]
}

/** Maps the attributes of a condition to columns. */
export function mapToColumns(where: unknown, model: AnyModel): Where {
  const utils = Utils as unknown as { mapWhereFieldNames(where: unknown, model: AnyModel): Where }
  return utils.mapWhereFieldNames(where, model)
}

/** The options of the Sequelize instance. */
interface SequelizeOptions {
  readonly quoteIdentifiers?: boolean
  readonly logging?: NonNullable<TransactionOptions['logging']>
  readonly retry?: RetryOptions
  /** The file of an SQLite database. */
  readonly storage?: string
}

export function optionsOf(sequelize: Sequelize): SequelizeOptions {
  return (sequelize as unknown as { readonly options: SequelizeOptions }).options
}

/** The transaction of `Sequelize.useCLS`. */
export function transactionOfCls(sequelize: Sequelize): Transaction | undefined {
  const cls = (sequelize.constructor as { readonly _cls?: { get(name: string): unknown } })._cls
  return (cls?.get('transaction') as Transaction | null | undefined) ?? undefined
}

/** Keeps a query out of the transaction of CLS. With undefined, it would join that. */
export const outsideTransactions = { transaction: null } as unknown as { readonly transaction?: Transaction }

interface PlainSelect {
  select(model: null, table: string, options: object): Promise<object[]>
}

/** Selects from a table that has no model. */
export function selectFrom(queries: QueryInterface, table: string, options: object): Promise<object[]> {
  return (queries as unknown as PlainSelect).select(null, table, options)
}

/** A transaction that has begun, or is about to. */
export interface OpenTransaction extends Transaction {
  readonly id: string
  readonly sequelize: Sequelize
  readonly parent?: OpenTransaction | null
  readonly savepoints: readonly OpenTransaction[]
  readonly name?: string
  finished?: 'commit' | 'rollback' | undefined
  readonly connection?: object
  begin: () => Promise<void>
  prepareEnvironment(useCls: boolean): Promise<void>
  cleanup: () => void
}

/** The options of a transaction, which also apply to its BEGIN and COMMIT. */
export interface OpenTransactionOptions extends Omit<TransactionOptions, 'isolationLevel'> {
  readonly retry: RetryOptions
  /**
   * `null` keeps the session's isolation level, as for a statement without a transaction, regardless of the default for
   * Sequelize's own transactions.
   */
  readonly isolationLevel: null
}

/** Creates a transaction that CLS doesn't know. `prepareEnvironment(false)` begins it. */
export function newTransaction(sequelize: Sequelize, options: OpenTransactionOptions): OpenTransaction {
  return new Transaction(sequelize, options as unknown as TransactionOptions) as OpenTransaction
}

/** A connection of `sqlite3`. */
interface SqliteConnection {
  uuid?: string | undefined
  run(sql: string, done: () => void): void
}

interface SqliteConnections {
  readonly connections: Readonly<Record<string, SqliteConnection>>
  releaseConnection(connection: SqliteConnection): void
}

export function sqliteConnectionOf(transaction: OpenTransaction): SqliteConnection {
  return transaction.connection as unknown as SqliteConnection
}

export function sqliteConnectionsOf(sequelize: Sequelize): SqliteConnections {
  return sequelize.connectionManager as unknown as SqliteConnections
}
