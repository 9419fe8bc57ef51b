import { optionChecker } from '@kt/core/internal'
import type { Sequelize } from 'sequelize'

export interface OutboxOptions {
  /**
   * Name of the table.
   *
   * @defaultValue `kt_outbox`
   */
  readonly table?: string
  /**
   * How long a transaction waits for Kafka before it uses the outbox, in milliseconds. Large transactions wait this
   * long for each 10,000 records. Shorter: the first writes of an outage are delayed less. Longer: a slow Kafka isn't
   * mistaken for one that is away. At most a quarter of the `delayMs` of the `UpdateStreamer`, which keeps the
   * transaction below its idle time-out.
   *
   * @defaultValue 1_000
   */
  readonly waitMs?: number
  /**
   * How long to wait after a failure before one message probes Kafka, in milliseconds. Shorter: writes return to Kafka
   * sooner. Longer: fewer futile attempts. No write waits for a probe.
   *
   * @defaultValue 1_000
   */
  readonly probeMs?: number
  /**
   * Number of messages that are relayed, and kept in memory, at a time. A larger batch costs less per message, but more
   * messages are sent twice after a crash.
   *
   * @defaultValue 1_000
   */
  readonly batchSize?: number
  /**
   * Whether the `UpdateStreamer` relays messages itself, on one connection of the pool. If false, messages stay in the
   * table until a worker of yours runs `outbox.relay()`.
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
