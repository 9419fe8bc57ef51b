import { KtError } from '@kt/core'
import type { Sequelize } from 'sequelize'
import { resolveOutboxOptions } from './outbox-options.ts'
import type { OutboxOptions } from './outbox-options.ts'
import { OutboxRelay } from './outbox-relay.ts'
import type { OutboxRelayOptions } from './outbox-relay.ts'
import { OutboxTable } from './outbox-table.ts'

/** Where changes wait while Kafka is away: a table in their own database, written by their own transactions. */
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

  /**
   * Creates the table unless it is there: for a migration, or for the start of an application whose user may create
   * tables. Several processes may do so at once.
   *
   * @throws KtError `KT_STREAM_FAILED` with the database's error as its cause
   */
  async create(): Promise<void> {
    try {
      await this.table.ensure()
    } catch (cause) {
      throw new KtError('KT_STREAM_FAILED', `The table "${this.table.name}" could not be created`, {
        cause,
        retryable: true,
      })
    }
  }

  /**
   * How many messages wait to be relayed. Those that Kafka refuses for good are not counted.
   *
   * @throws KtError `KT_LOAD_FAILED` with the database's error as its cause
   */
  async count(): Promise<number> {
    try {
      return await this.table.count()
    } catch (cause) {
      const message = `The table "${this.table.name}" could not be read`
      throw new KtError('KT_LOAD_FAILED', message, { cause, retryable: true })
    }
  }

  /**
   * A worker of its own that relays what is in the table, whichever process has stored it.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  relay(options: OutboxRelayOptions): OutboxRelay {
    return new OutboxRelay(this, options)
  }
}

/**
 * An outbox in this database, for the option `whenUnavailable` of an `UpdateStreamer`, whose models have to be of the
 * same database.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function outbox(sequelize: Sequelize, options: OutboxOptions = {}): Outbox {
  return new Outbox(sequelize, options)
}
