/**
 * Hands out ever-growing numbers from one counter in the database. A ticket taken before a read orders this read
 * against all others, so that what an old read found can't overwrite what a newer one wrote.
 */
export interface ReadTickets {
  /** The next ticket: larger than every ticket that was handed out before this call, in any process. */
  next(): Promise<number>
  /**
   * Makes all later tickets larger than `version`, which an index holds although no ticket was: the counter went back,
   * as when the database was restored. Without it, writes lose to such versions until somebody raises the counter.
   */
  raise?(version: number): Promise<void>
}
