import { DataTypes, Op } from 'sequelize'
import type { QueryInterface, Sequelize, Transaction } from 'sequelize'
import { endsTransaction } from '../commit/open-transaction.ts'

/** How many rows one statement inserts. */
const rowsAtOnce = 1_000

/** A message that is to be sent. */
export interface OutboxMessage {
  readonly topic: string
  readonly key: string
  /** The value of the instant message. */
  readonly value: string
  readonly changeId: string
}

/** A message in the table. */
export interface OutboxRow extends OutboxMessage {
  /** Of one record, an older message has a smaller one. */
  readonly id: string | number
  readonly storedAtMs: number
}

interface Columns {
  readonly id: string | number
  readonly topic: string
  readonly record_key: string
  readonly payload: string
  readonly change_id: string
  readonly created_at: Date | string
}

/** What Sequelize's types leave out of a select without a model. */
interface PlainSelect {
  select(model: null, table: string, options: object): Promise<object[]>
}

/** The table of the outbox. It is no model, so that `sync()` neither makes nor drops it. */
export class OutboxTable {
  readonly sequelize: Sequelize
  readonly name: string
  #ensured: Promise<void> | undefined

  constructor(sequelize: Sequelize, name: string) {
    this.sequelize = sequelize
    this.name = name
  }

  /** Creates the table unless it is there, whoever else does so at the same time. Looks once in a process. */
  async ensure(): Promise<void> {
    this.#ensured ??= this.#create()
    try {
      await this.#ensured
    } catch (error) {
      this.#ensured = undefined
      throw error
    }
  }

  /** Stores messages with what the transaction has written. */
  async insert(messages: readonly OutboxMessage[], transaction: Transaction): Promise<void> {
    const createdAt = new Date()
    for (let start = 0; start < messages.length; start += rowsAtOnce) {
      const rows = messages.slice(start, start + rowsAtOnce).map(({ topic, key, value, changeId }) => ({
        topic,
        record_key: key,
        payload: value,
        change_id: changeId,
        created_at: createdAt,
      }))
      try {
        await this.#queries.bulkInsert(this.name, rows, { transaction, ...endsTransaction })
      } catch (error) {
        // Perhaps somebody has dropped it: the next transaction finds out.
        this.#ensured = undefined
        throw error
      }
    }
  }

  /** The oldest messages, but for those of some topics. */
  async oldest(
    limit: number,
    withoutTopics: readonly string[],
    transaction: Transaction | null,
  ): Promise<readonly OutboxRow[]> {
    const topics = withoutTopics.length === 0 ? {} : { topic: { [Op.notIn]: withoutTopics } }
    return this.#select({ refused: null, ...topics }, limit, transaction)
  }

  /** The oldest message of a topic. */
  async oldestOf(topic: string): Promise<OutboxRow | undefined> {
    const [row] = await this.#select({ refused: null, topic }, 1, null)
    return row
  }

  async delete(ids: readonly OutboxRow['id'][], transaction: Transaction | null): Promise<void> {
    if (ids.length > 0) await this.#queries.bulkDelete(this.name, { id: ids }, { transaction })
  }

  /** Keeps messages that Kafka will never take, and why; they are not tried again. */
  async refuse(ids: readonly OutboxRow['id'][], why: string, transaction: Transaction | null): Promise<void> {
    if (ids.length > 0)
      await this.#queries.bulkUpdate(this.name, { refused: why }, { id: ids }, { transaction })
  }

  /** How many messages wait. */
  async count(): Promise<number> {
    const attributes = [[this.sequelize.fn('COUNT', this.sequelize.col('id')), 'waiting']]
    const rows = await this.#plainSelect({ attributes, where: { refused: null } }, null)
    const [row] = rows as readonly { readonly waiting: string | number }[]
    return Number(row?.waiting)
  }

  get #queries(): QueryInterface {
    return this.sequelize.getQueryInterface()
  }

  async #select(where: object, limit: number, transaction: Transaction | null): Promise<OutboxRow[]> {
    const attributes = ['id', 'topic', 'record_key', 'payload', 'change_id', 'created_at']
    const rows = await this.#plainSelect({ attributes, where, order: [['id', 'ASC']], limit }, transaction)
    return (rows as readonly Columns[]).map((row) => ({
      id: row.id,
      topic: row.topic,
      key: row.record_key,
      value: row.payload,
      changeId: row.change_id,
      storedAtMs: new Date(row.created_at).getTime(),
    }))
  }

  /** From the primary: a replica might not have what was stored, and might still have what was deleted. */
  async #plainSelect(options: object, transaction: Transaction | null): Promise<object[]> {
    const queries = this.#queries as unknown as PlainSelect
    return queries.select(null, this.name, { ...options, raw: true, useMaster: true, transaction })
  }

  async #create(): Promise<void> {
    // Where it was made by a migration, the application may not be allowed to create tables, not even if they exist.
    if (await this.#isThere()) return
    const { BIGINT, DATE, INTEGER, STRING, TEXT } = DataTypes
    const dialect = this.sequelize.getDialect()
    const columns = {
      // Only by this name does SQLite count up; its integers are as large.
      id: { type: dialect === 'sqlite' ? INTEGER : BIGINT, primaryKey: true, autoIncrement: true },
      topic: { type: STRING(249), allowNull: false },
      record_key: { type: STRING(512), allowNull: false },
      // Elsewhere it has no bound by itself.
      payload: { type: dialect === 'mysql' || dialect === 'mariadb' ? TEXT('long') : TEXT, allowNull: false },
      change_id: { type: STRING(64), allowNull: false },
      created_at: { type: DATE(3), allowNull: false },
      refused: { type: STRING(64) },
    }
    try {
      await this.#queries.createTable(this.name, columns, { transaction: null })
    } catch (error) {
      // In spite of IF NOT EXISTS, two that create it in the same moment may collide.
      if (!(await this.#isThere())) throw error
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#plainSelect({ attributes: ['id'], limit: 1 }, null)
      return true
    } catch {
      return false
    }
  }
}
