import type { QueryOptions } from 'sequelize'

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
export const ticketQuery = {
  transaction: null,
  useMaster: true,
  logging: false,
} as unknown as QueryOptions

/** The ticket in the result of a raw query. */
export function ticketIn([rows]: readonly unknown[]): number {
  const [row] = rows as readonly { readonly ticket: string | number }[]
  return Number(row?.ticket)
}
