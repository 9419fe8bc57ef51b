import { KtError } from '@kt/core'
import type { Sequelize } from 'sequelize'
import { resolveOutboxOptions } from './outbox-options.ts'
import type { OutboxOptions } from './outbox-options.ts'
import { OutboxRelay } from './outbox-relay.ts'
import type { OutboxRelayOptions } from './outbox-relay.ts'
import { OutboxTable } from './outbox-table.ts'

/** Stores changes while Kafka is away, in a table of their own database, written by their own transactions. */
export class Outbox {
  /** @internal */
  readonly table: OutboxTable
  /** @internal */
  readonly waitMs: number
  /** @internal */
  readonly probeMs: number
  /** @internal */
  readonly batchSize: number
  /** @internal */
  readonly relays: boolean

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(sequelize: Sequelize, options: OutboxOptions = {}) {
    const { table, waitMs, probeMs, batchSize, relay } = resolveOutboxOptions(sequelize, options)
    this.table = new OutboxTable(sequelize, table)
    this.waitMs = waitMs
    this.probeMs = probeMs
    this.batchSize = batchSize
    this.relays = relay
  }

  /** The name of its table. */
  get tableName(): string {
    return this.table.name
  }

  /**
   * Creates the table unless it exists. Call it in a migration, or at the start of an application whose database user
   * may create tables. Several processes may call it at once.
   *
   * @throws KtError `KT_STREAM_FAILED` with the database's error as its cause
   */
  async create(): Promise<void> {
    try {
      await this.table.ensure()
    } catch (cause) {
      throw new KtError(
        'KT_STREAM_FAILED',
        `The outbox table "${this.table.name}" could not be created. Create it in a migration, by outbox.create(), if the application's user may not`,
        {
          cause,
          retryable: true,
        },
      )
    }
  }

  /** Whether its table exists and can be read. */
  exists(): Promise<boolean> {
    return this.table.isThere()
  }

  /**
   * Counts the messages that wait to be relayed. Messages that Kafka refuses for good are not counted.
   *
   * @throws KtError `KT_LOAD_FAILED` with the database's error as its cause
   */
  async count(): Promise<number> {
    try {
      return await this.table.count()
    } catch (cause) {
      const message = `The outbox table "${this.table.name}" could not be read`
      throw new KtError('KT_LOAD_FAILED', message, { cause, retryable: true })
    }
  }

  /**
   * Creates a worker that relays the messages in the table, regardless of the process that has stored them.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  relay(options: OutboxRelayOptions): OutboxRelay {
    return new OutboxRelay(this, options)
  }
}

/**
 * Creates an outbox in this database, for the option `whenUnavailable` of an `UpdateStreamer`. All its models must be
 * in the same database.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function outbox(sequelize: Sequelize, options: OutboxOptions = {}): Outbox {
  return new Outbox(sequelize, options)
}
