import { optionChecker } from '@kt/core'
import type { Sequelize } from 'sequelize'

export interface OutboxOptions {
  /** The table in the database. @defaultValue `kt_outbox` */
  readonly table?: string
  /**
   * How long a transaction waits for Kafka before it takes the outbox, in milliseconds; one of very many records waits
   * as long anew for every 10,000 of them. Shorter: the first writes of an outage are delayed less. Longer: a Kafka that
   * is merely slow is not taken for one that is away. At most a quarter of the `delayMs` of the `UpdateStreamer`, so
   * that the transaction does not idle for longer than it may.
   *
   * @defaultValue 1_000
   */
  readonly waitMs?: number
  /**
   * How long Kafka is left alone after a failure before one message tries it, in milliseconds. Shorter: writes go back
   * to Kafka sooner. Longer: less is attempted in vain. No write waits for it.
   *
   * @defaultValue 1_000
   */
  readonly probeMs?: number
  /**
   * How many messages are relayed, and held in memory, at a time. Larger costs less per message, but more of them are
   * sent twice after a crash.
   *
   * @defaultValue 1_000
   */
  readonly batchSize?: number
  /**
   * Whether the `UpdateStreamer` relays by itself, on one of the connections of the pool. Without, nothing leaves the
   * table unless a worker of yours runs `outbox.relay()`.
   *
   * @defaultValue true
   */
  readonly relay?: boolean
}

export type ResolvedOutboxOptions = Required<OutboxOptions>

export function resolveOutboxOptions(sequelize: Sequelize, options: OutboxOptions): ResolvedOutboxOptions {
  const check = optionChecker('outbox')
  const { table = 'kt_outbox', waitMs = 1_000, probeMs = 1_000, batchSize = 1_000, relay = true } = options
  check.port('sequelize', sequelize, ['query', 'getQueryInterface', 'transaction'])
  return {
    table: check.string('table', table),
    waitMs: check.integer('waitMs', waitMs, { min: 10, max: 60_000 }),
    probeMs: check.integer('probeMs', probeMs, { min: 10 }),
    batchSize: check.integer('batchSize', batchSize, { min: 1, max: 10_000 }),
    relay: check.boolean('relay', relay),
  }
}
