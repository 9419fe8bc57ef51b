/**
 * Minimum step of `raise`. The step shows the holder of an older ticket, at the next one, that the counter was raised.
 */
export const ticketLeap = 1_000_000

/**
 * Issues increasing numbers from one counter in the database. A ticket taken before a read orders this read against all
 * others, so that the result of an old read can't overwrite that of a newer one.
 */
export interface ReadTickets {
  /** Returns the next ticket, larger than every ticket issued before this call in any process. */
  next(): Promise<number>
  /**
   * Makes all later tickets larger than `version` by at least {@link ticketLeap}. An index has a version without a
   * ticket if the counter went back, as when the database was restored. Without `raise`, writes lose to such versions
   * until an operator raises the counter.
   */
  raise?(version: number): Promise<void>
}
