import type { Options, Sequelize, Transaction } from 'sequelize'
import type { DialectName } from './paths/path.ts'

/** Everything that is needed to break a COMMIT. */
export interface Breakable {
  readonly sequelize: Sequelize
  readonly other: Sequelize
}

/** Everything the matrix needs to know about a database. */
export interface Dialect {
  readonly name: DialectName
  /** Opens a connection pool. `logging` receives every statement before it is executed. */
  connect(logging: (sql: string) => void, options?: Options): Sequelize
  /** Matches statements that commit. */
  readonly commits: RegExp
  /** Whether a query may contain several statements. */
  readonly takesBatches: boolean
  /** Statements that complete the tables, executed once. */
  readonly setUp: readonly string[]
  /** Returns a query for the numbers from 1 to `count`, in the column `n`. */
  series(count: number): string
  /** Statements that make new keys start at 1001. */
  readonly restartKeys: readonly string[]
  /** Makes the COMMIT of this transaction fail. */
  breakCommit(transaction: Transaction, world: Breakable): Promise<void>
  /** Cleans up after Sequelize when a COMMIT has failed. */
  afterFailure?(transaction: Transaction): Promise<void>
  close(): Promise<void>
}

/** The tables with a generated key, and the key's column. */
export const generatedKeys: Readonly<Record<string, string>> = {
  cities: 'id',
  mayors: 'mayor_id',
  notes: 'id',
  tags: 'id',
  events: 'event_id',
  markers: 'id',
}

/** A row that violates a constraint, which is checked at COMMIT. */
export const deferredTable = `CREATE TABLE late_checks (marker_id INTEGER NOT NULL REFERENCES markers (id) DEFERRABLE INITIALLY DEFERRED)`

export async function violateLateCheck(transaction: Transaction, { sequelize }: Breakable): Promise<void> {
  await sequelize.query('INSERT INTO late_checks (marker_id) VALUES (987654)', { transaction })
}
