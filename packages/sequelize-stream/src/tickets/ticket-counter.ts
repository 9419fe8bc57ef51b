import type { QueryOptions } from 'sequelize'

/** How tickets are kept in one kind of database. */
export interface TicketCounter {
  /** Creates the counter unless it is there, whoever else does so at the same time. */
  create(): Promise<void>
  next(): Promise<number>
  /** Makes the next ticket at least this one. */
  raise(ticket: number): Promise<void>
}

/** Tickets are never in the caller's transaction, and come from the primary: the type would else pick a replica. */
export const ticketQuery = {
  transaction: null,
  useMaster: true,
  logging: false,
} as unknown as QueryOptions

/** The ticket in what a raw query gives. */
export function ticketIn([rows]: readonly unknown[]): number {
  const [row] = rows as readonly { readonly ticket: string | number }[]
  return Number(row?.ticket)
}
