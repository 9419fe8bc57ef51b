import { KtError } from '@kt/core'
import { optionChecker, ticketLeap } from '@kt/core/internal'
import type { ReadTickets } from '@kt/core'
import type { Sequelize } from 'sequelize'
import { counterRow } from './counter-row.ts'
import { sequence } from './sequence.ts'

export interface ReadTicketsOptions {
  /**
   * Name of the sequence, or of the counter's table, in the database. Indexes that share it share one order of reads,
   * which does no harm.
   *
   * @defaultValue `kt_read_tickets`
   */
  readonly name?: string
}

const dialectsWithSequences: readonly string[] = ['postgres', 'mariadb']

/**
 * Provides read tickets from the records' own database: a sequence in PostgreSQL and MariaDB, a row in other databases.
 * It is created on first use.
 *
 * @throws KtError `KT_OPTION_INVALID`; `next` throws `KT_LOAD_FAILED` with the database's error as its cause
 */
export function readTickets(sequelize: Sequelize, options: ReadTicketsOptions = {}): ReadTickets {
  const check = optionChecker('readTickets')
  check.port('sequelize', sequelize, ['query', 'getDialect'])
  const name = check.string('name', options.name ?? 'kt_read_tickets')
  const counter = dialectsWithSequences.includes(sequelize.getDialect())
    ? sequence(sequelize, name)
    : counterRow(sequelize, name)
  let created: Promise<void> | undefined
  const withCounter = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      created ??= counter.create()
      await created
      return await use()
    } catch (cause) {
      // The counter may have been dropped, or never created. The next call finds out.
      created = undefined
      throw new KtError('KT_LOAD_FAILED', 'The read ticket could not be taken from the database', {
        cause,
        retryable: true,
      })
    }
  }
  return {
    next: () => withCounter(() => counter.next()),
    raise: (version) => withCounter(() => counter.raise(version + ticketLeap)),
  }
}
