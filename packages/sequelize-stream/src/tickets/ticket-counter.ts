import type { QueryOptions } from 'sequelize'
import { outsideTransactions } from '../model/untyped.ts'

/** The counter of tickets in one kind of database. */
export interface TicketCounter {
  /** Creates the counter unless it exists, even if others do so at the same time. */
  create(): Promise<void>
  next(): Promise<number>
  /** Raises the counter, so that the next ticket is at least this one. */
  raise(ticket: number): Promise<void>
}

/**
 * Takes tickets outside the caller's transaction and from the primary. By their type, these queries would go to a
 * replica.
 */
export const ticketQuery: QueryOptions = { ...outsideTransactions, useMaster: true, logging: false }

/** The ticket in the result of a raw query. */
export function ticketIn([rows]: readonly unknown[]): number {
  const [row] = rows as readonly { readonly ticket: string | number }[]
  return Number(row?.ticket)
}
