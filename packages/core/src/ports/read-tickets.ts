/** How far `raise` leaps at least: whoever holds a ticket from before sees by the next one that it was raised. */
export const ticketLeap = 1_000_000

/**
 * Hands out ever-growing numbers from one counter in the database. A ticket taken before a read orders this read
 * against all others, so that what an old read found can't overwrite what a newer one wrote.
 */
export interface ReadTickets {
  /** The next ticket: larger than every ticket that was handed out before this call, in any process. */
  next(): Promise<number>
  /**
   * Makes all later tickets larger than `version` by at least {@link ticketLeap}, which an index holds although no ticket was: the counter went back,
   * as when the database was restored. Without it, writes lose to such versions until somebody raises the counter.
   */
  raise?(version: number): Promise<void>
}
