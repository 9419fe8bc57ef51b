import { DataTypes, Op } from 'sequelize'
import type { QueryInterface, Sequelize, Transaction } from 'sequelize'
import { selectFrom } from '../model/untyped.ts'
import { endsTransaction } from '../commit/transaction-tree.ts'

/** Number of rows that one statement inserts. */
const rowsAtOnce = 1_000

/** A message to send. */
export interface OutboxMessage {
  readonly topic: string
  readonly key: string
  /** The value of the instant message. */
  readonly value: string
  readonly changeId: string
}

/** A message in the table. */
export interface OutboxRow extends OutboxMessage {
  /** Increases with the age order of a record's messages: an older one has a smaller id. */
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

/** The outbox table. It is no model, so that `sync()` neither creates nor drops it. */
export class OutboxTable {
  readonly sequelize: Sequelize
  readonly name: string
  #ensured: Promise<void> | undefined

  constructor(sequelize: Sequelize, name: string) {
    this.sequelize = sequelize
    this.name = name
  }

  /** Creates the table unless it exists, even if others do so at the same time. Checks once per process. */
  async ensure(): Promise<void> {
    this.#ensured ??= this.#create()
    try {
      await this.#ensured
    } catch (error) {
      this.#ensured = undefined
      throw error
    }
  }

  /** Whether the table can be read. */
  async isThere(): Promise<boolean> {
    try {
      await this.#plainSelect({ attributes: ['id'], limit: 1 }, null)
      return true
    } catch {
      return false
    }
  }

  /** Stores messages in the transaction that made the changes. */
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
        // The table may have been dropped. The next transaction checks again.
        this.#ensured = undefined
        throw error
      }
    }
  }

  /** Reads the oldest messages, except those of some topics. */
  async oldest(
    limit: number,
    withoutTopics: readonly string[],
    transaction: Transaction | null,
  ): Promise<readonly OutboxRow[]> {
    const topics = withoutTopics.length === 0 ? {} : { topic: { [Op.notIn]: withoutTopics } }
    return this.#select({ refused: null, ...topics }, limit, transaction)
  }

  /** Reads the oldest message of a topic. */
  async oldestOf(topic: string): Promise<OutboxRow | undefined> {
    const [row] = await this.#select({ refused: null, topic }, 1, null)
    return row
  }

  async delete(ids: readonly OutboxRow['id'][], transaction: Transaction | null): Promise<void> {
    if (ids.length > 0) await this.#queries.bulkDelete(this.name, { id: ids }, { transaction })
  }

  /** Marks messages that Kafka refuses for good, with the reason. They are not sent again. */
  async refuse(ids: readonly OutboxRow['id'][], why: string, transaction: Transaction | null): Promise<void> {
    if (ids.length > 0)
      await this.#queries.bulkUpdate(this.name, { refused: why }, { id: ids }, { transaction })
  }

  /** Counts the waiting messages. */
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

  /** Reads from the primary, because a replica might lack stored messages, or still have deleted ones. */
  async #plainSelect(options: object, transaction: Transaction | null): Promise<object[]> {
    return selectFrom(this.#queries, this.name, { ...options, raw: true, useMaster: true, transaction })
  }

  async #create(): Promise<void> {
    // If a migration has created the table, the application may lack the right to create tables, even with IF NOT
    // EXISTS.
    if (await this.isThere()) return
    const { BIGINT, DATE, INTEGER, STRING, TEXT } = DataTypes
    const dialect = this.sequelize.getDialect()
    const columns = {
      // SQLite only auto-increments an INTEGER, which is as large there.
      id: { type: dialect === 'sqlite' ? INTEGER : BIGINT, primaryKey: true, autoIncrement: true },
      topic: { type: STRING(249), allowNull: false },
      record_key: { type: STRING(512), allowNull: false },
      // TEXT has no limit on the other databases.
      payload: { type: dialect === 'mysql' || dialect === 'mariadb' ? TEXT('long') : TEXT, allowNull: false },
      change_id: { type: STRING(64), allowNull: false },
      created_at: { type: DATE(3), allowNull: false },
      refused: { type: STRING(64) },
    }
    try {
      await this.#queries.createTable(this.name, columns, { transaction: null })
    } catch (error) {
      // Concurrent CREATE TABLE statements may collide in spite of IF NOT EXISTS.
      if (!(await this.isThere())) throw error
    }
  }
}
