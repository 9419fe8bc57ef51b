import type { Options, Sequelize, Transaction } from 'sequelize'
import type { DialectName } from './paths/path.ts'

/** What it takes to break a COMMIT. */
export interface Breakable {
  readonly sequelize: Sequelize
  readonly other: Sequelize
}

/** What the matrix has to know of a database. */
export interface Dialect {
  readonly name: DialectName
  /** A connection pool of one's own; `logging` gets every statement before it is executed. */
  connect(logging: (sql: string) => void, options?: Options): Sequelize
  /** Which statements commit. */
  readonly commits: RegExp
  /** Whether a query may hold several statements. */
  readonly takesBatches: boolean
  /** The statements that complete the tables, once. */
  readonly setUp: readonly string[]
  /** A query for the numbers from 1 to `count`, in the column `n`. */
  series(count: number): string
  /** The statements after which new keys begin at 1001. */
  readonly restartKeys: readonly string[]
  /** Sees to it that the COMMIT of this transaction will fail. */
  breakCommit(transaction: Transaction, world: Breakable): Promise<void>
  /** Clears away what Sequelize leaves behind when a COMMIT has failed. */
  afterFailure?(transaction: Transaction): Promise<void>
  close(): Promise<void>
}

/** The tables with a generated key, and its column. */
export const generatedKeys: Readonly<Record<string, string>> = {
  cities: 'id',
  mayors: 'mayor_id',
  notes: 'id',
  tags: 'id',
  events: 'event_id',
  markers: 'id',
}

/** A row that a constraint forbids, which is checked at COMMIT. */
export const deferredTable = `CREATE TABLE late_checks (marker_id INTEGER NOT NULL REFERENCES markers (id) DEFERRABLE INITIALLY DEFERRED)`

export async function violateLateCheck(transaction: Transaction, { sequelize }: Breakable): Promise<void> {
  await sequelize.query('INSERT INTO late_checks (marker_id) VALUES (987654)', { transaction })
}
