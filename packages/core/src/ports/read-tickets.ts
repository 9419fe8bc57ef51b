/**
 * Hands out ever-growing numbers from one counter in the database. A ticket taken before a read orders this read
 * against all others, so that what an old read found can't overwrite what a newer one wrote.
 */
export interface ReadTickets {
  /** The next ticket: larger than every ticket that was handed out before this call, in any process. */
  next(): Promise<number>
}
