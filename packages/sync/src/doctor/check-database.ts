import type { QueryOptions, Sequelize } from 'sequelize'
import { QueryTypes } from 'sequelize'
import type { Connections } from '../connections.ts'
import type { ConfiguredIndex, ResolvedConfig } from '../config/resolve-config.ts'
import type { Finding } from './finding.ts'

/** A larger difference between clocks is reported. */
const mostSkewMs = 5_000

/** Checks that the database answers, the rights that the workers need, and its slowest transaction. */
export async function checkDatabase(
  { sequelize, delayMs, outbox, indexes }: ResolvedConfig,
  connections: Connections,
): Promise<readonly Finding[]> {
  await sequelize.authenticate()
  const findings = await Promise.all([
    ticketFindings(connections),
    ...indexes.map(readFindings),
    ...(sequelize.getDialect() === 'postgres'
      ? [clockFindings(sequelize), transactionFindings(sequelize, delayMs)]
      : [Promise.resolve([noIdleTimeout(sequelize)])]),
    ...(outbox === undefined ? [] : [outboxFindings(() => outbox.count())]),
  ])
  return findings.flat()
}

/** Reads one record as the Indexer does. */
async function readFindings(index: ConfiguredIndex): Promise<readonly Finding[]> {
  try {
    await index.sample(1)
    return []
  } catch (error) {
    return [
      {
        code: 'records-unreadable',
        severity: 'error',
        subject: index.name,
        message: `The records of ${index.model.name} can't be read (${causeOf(error)}), so nothing is indexed`,
        remedy: 'run the migrations, and check the names of attributes and the rights of the user',
      },
    ]
  }
}

/** The code of the database, such as 42P01 for a missing table. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown }
  const { original } = (cause ?? error) as { readonly original?: { readonly code?: unknown } }
  return typeof original?.code === 'string' ? original.code : nameOf(error)
}

async function ticketFindings({ tickets }: Connections): Promise<readonly Finding[]> {
  try {
    await tickets.next()
    return []
  } catch (error) {
    return [
      {
        code: 'tickets-refused',
        severity: 'error',
        subject: 'kt_read_tickets',
        message: `The counter of the read tickets can't be used (${nameOf(error)}), so nothing is indexed`,
        remedy: 'grant the right to create a sequence, or create it in a migration and grant its usage',
      },
    ]
  }
}

async function clockFindings(sequelize: Sequelize): Promise<readonly Finding[]> {
  const before = Date.now()
  const ms = await numberOf(sequelize, 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS value')
  const skewMs = Math.abs((before + Date.now()) / 2 - ms)
  if (skewMs <= mostSkewMs) return []
  return [
    {
      code: 'clock-skew',
      severity: 'warning',
      subject: 'database',
      message: `The clock of the database differs from that of this machine by ${Math.round(skewMs / 1_000)} s`,
      remedy: 'synchronise the clocks by NTP',
    },
  ]
}

/**
 * A change is not missed, because its delay message waits for its transaction, but it is late. Readers such as a backup
 * don't count. Transactions of other users are hidden from a user without the right to see them.
 */
async function transactionFindings(sequelize: Sequelize, delayMs: number): Promise<readonly Finding[]> {
  const ms = await numberOf(
    sequelize,
    `SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000, 0) AS value
     FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND backend_xid IS NOT NULL`,
  )
  if (ms <= delayMs) return []
  return [
    {
      code: 'transaction-long',
      severity: 'warning',
      subject: 'database',
      message: `A transaction has been open for ${Math.round(ms / 1_000)} s, longer than the delay of ${delayMs / 1_000} s`,
      remedy: 'find it in pg_stat_activity; if it is usual, raise delay.ms',
    },
  ]
}

function noIdleTimeout(sequelize: Sequelize): Finding {
  return {
    code: 'no-idle-timeout',
    severity: 'warning',
    subject: sequelize.getDialect(),
    message:
      'This database can not end idle transactions: if a process freezes before COMMIT for longer than the delay and dies right after it, a document stays stale',
    remedy: 'verify the indexes from time to time with "kt verify --heal"',
  }
}

async function outboxFindings(count: () => Promise<number>): Promise<readonly Finding[]> {
  try {
    const waiting = await count()
    if (waiting === 0) return []
    return [
      {
        code: 'outbox-waiting',
        severity: 'warning',
        subject: 'outbox',
        message: `${waiting} messages wait in the outbox`,
        remedy: 'check that Kafka can be reached, and that a relay runs',
      },
    ]
  } catch (error) {
    return [
      {
        code: 'outbox-unusable',
        severity: 'error',
        subject: 'outbox',
        message: `The table of the outbox can't be read (${nameOf(error)})`,
        remedy: 'run "kt apply", or create it in a migration, and grant the rights to it',
      },
    ]
  }
}

async function numberOf(sequelize: Sequelize, sql: string): Promise<number> {
  const options: QueryOptions & { readonly type: QueryTypes.SELECT } = {
    type: QueryTypes.SELECT,
    logging: false,
  }
  const [row] = await sequelize.query<{ readonly value: unknown }>(sql, options)
  return Number(row?.value)
}

/** The name alone: the message of a foreign error may contain data. */
export function nameOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
