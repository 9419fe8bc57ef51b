import type { Sequelize } from 'sequelize'
import { firstTicket } from './first-ticket.ts'
import { ticketIn, ticketQuery } from './ticket-counter.ts'
import type { TicketCounter } from './ticket-counter.ts'

/** A sequence of PostgreSQL or MariaDB. */
export function sequence(sequelize: Sequelize, name: string): TicketCounter {
  const queries = sequelize.getQueryInterface()
  const quoted = queries.quoteIdentifier(name, true)
  const isPostgres = sequelize.getDialect() === 'postgres'
  // Take a lock, because two concurrent CREATE SEQUENCE may collide in the catalogue in spite of IF NOT EXISTS.
  const create = (): string =>
    isPostgres
      ? `SELECT pg_advisory_xact_lock(hashtext('kt:read-tickets')); CREATE SEQUENCE IF NOT EXISTS ${quoted} START WITH ${firstTicket()};`
      : `CREATE SEQUENCE IF NOT EXISTS ${quoted} START WITH ${firstTicket()} CACHE 1`
  const next = isPostgres
    ? `SELECT nextval(${sequelize.escape(quoted)}) AS ticket`
    : `SELECT NEXTVAL(${quoted}) AS ticket`
  // Take a lock, because two concurrent calls could set the sequence back. On MariaDB they never do.
  const raise = (ticket: number): string =>
    isPostgres
      ? `SELECT pg_advisory_xact_lock(hashtext('kt:read-tickets')); SELECT setval(${sequelize.escape(quoted)}, ${ticket}) FROM ${quoted} WHERE last_value < ${ticket};`
      : `SELECT SETVAL(${quoted}, ${ticket})`
  return {
    create: async () => {
      await sequelize.query(create(), ticketQuery)
    },
    next: async () => ticketIn(await sequelize.query(next, ticketQuery)),
    raise: async (ticket) => {
      await sequelize.query(raise(ticket), ticketQuery)
    },
  }
}
