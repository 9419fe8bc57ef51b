import { Op, QueryTypes } from 'sequelize'
import type { QueryOptions } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import { afterRow } from './after-row.ts'
import { exactKeys, textType } from './exact-keys.ts'
import { isLockable } from './lockable.ts'
import { generatorOf } from '../model/query-generator.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/** Number of rows that are selected, or addressed by one statement, at a time. */
const pageSize = 10_000

export interface RowQuery {
  readonly where: Where | undefined
  readonly attributes: readonly string[]
  /** Maximum number of rows. */
  readonly limit?: number | undefined
  /** The write that follows. As in the statement itself, an update takes a weaker lock than a delete. */
  readonly lockFor: 'update' | 'delete'
}

interface Read extends RowQuery {
  readonly isLocked: boolean
}

/** Locked rows, by attributes, with their exact keys. Only one page is in memory as objects. The others are packed. */
export interface RowPages extends Iterable<readonly Row[]> {
  readonly pageCount: number
  /** If false, other writers may have changed the rows since. */
  readonly isLocked: boolean
}

/** Reads and locks the rows that a statement is about to write, so that it writes exactly those. */
export class RowLocker {
  readonly #model: AnyModel
  readonly #table: Table
  readonly #options: QueryOptions

  constructor(model: AnyModel, table: Table, options: QueryOptions) {
    this.#model = model
    this.#table = table
    this.#options = options
  }

  async lock(query: RowQuery): Promise<RowPages> {
    const limit = query.limit ?? Number.POSITIVE_INFINITY
    const isLocked = await isLockable(this.#model, this.#table, this.#options)
    const read: Read = { ...query, isLocked }
    const first = await this.#select(read, Math.min(limit, pageSize + 1))
    if (first.length > pageSize) return this.#lockPages(read, limit)
    const pages = first.length === 0 ? [] : [first]
    return Object.assign(pages, { pageCount: pages.length, isLocked })
  }

  /** The number of rows that match a condition. */
  async count(where: Where): Promise<number> {
    const sequelize = sequelizeOf(this.#model)
    const generator = generatorOf(this.#model)
    const condition = generator.whereQuery(where, { model: this.#model })
    const sql = `SELECT COUNT(*) AS count FROM ${generator.quoteTable(this.#table)} ${condition}`
    const [rows] = await sequelize.query(sql, { ...this.#options, type: QueryTypes.RAW })
    return Number((rows as readonly { readonly count: number | string }[])[0]?.count)
  }

  /** Locks the table against all other writers, where the database can. */
  async lockTable(): Promise<void> {
    const sequelize = sequelizeOf(this.#model)
    if (sequelize.getDialect() !== 'postgres') return
    const table = generatorOf(this.#model).quoteTable(this.#table)
    await sequelize.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, this.#options)
  }

  async #lockPages(query: Read, limit: number): Promise<RowPages> {
    const { where, isLocked } = query
    const packed: string[] = []
    let last: Row | undefined
    for (let left = limit; left > 0; left -= pageSize) {
      const isAfter = last === undefined ? [] : [afterRow(this.#model, last)]
      const paged = { ...query, where: { [Op.and]: [...(where === undefined ? [] : [where]), ...isAfter] } }
      const page = await this.#select(paged, Math.min(left, pageSize), true)
      if (page.length > 0) packed.push(JSON.stringify(page, jsonValue))
      last = page.at(-1)
      if (page.length < pageSize) break
    }
    return {
      pageCount: packed.length,
      isLocked,
      *[Symbol.iterator]() {
        for (const json of packed) yield JSON.parse(json) as readonly Row[]
      },
    }
  }

  async #select(
    { where, attributes, lockFor, isLocked }: Read,
    limit: number,
    isOrdered = false,
  ): Promise<readonly Row[]> {
    const sequelize = sequelizeOf(this.#model)
    const generator = generatorOf(this.#model)
    const quoted = (attribute: string): string => generator.quoteIdentifier(columnOf(this.#model, attribute))
    const exact = exactKeys(this.#model)
    const texts = exact.map(
      ({ attribute, name }) =>
        `CAST(${quoted(attribute)} AS ${textType(this.#model)}) AS ${generator.quoteIdentifier(name)}`,
    )
    const parts = [
      `SELECT ${[...attributes.map(quoted), ...texts].join(', ')} FROM ${generator.quoteTable(this.#table)}`,
      generator.whereQuery(where, { model: this.#model }),
      isOrdered ? `ORDER BY ${this.#model.primaryKeyAttributes.map(quoted).join(', ')}` : '',
      Number.isFinite(limit) ? `LIMIT ${limit}` : '',
      isLocked ? lockClause(sequelize.getDialect(), lockFor) : '',
    ]
    const sql = parts.filter((part) => part !== '').join(' ')
    const [rows] = await sequelize.query(sql, { ...this.#options, type: QueryTypes.RAW })
    const names = [...attributes, ...exact.map(({ name }) => name)]
    return rows.map((row) => toAttributes(this.#model, row as Row, names))
  }
}

/**
 * Encodes values that JSON can't: a driver may be configured to parse BIGINT as `bigint`, and dates may be infinite.
 */
function jsonValue(_: string, value: unknown): unknown {
  const isText = typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
  return isText ? String(value) : value
}

function lockClause(dialect: string, lockFor: RowQuery['lockFor']): string {
  // Other writers may still insert rows that refer to these, as they could without streaming.
  if (dialect === 'postgres') return lockFor === 'update' ? 'FOR NO KEY UPDATE' : 'FOR UPDATE'
  return dialect === 'mysql' || dialect === 'mariadb' ? 'FOR UPDATE' : ''
}
