/** Whether the transaction that made a change may still commit. */
export type IsOpen = (changeId: string) => boolean

/**
 * Finds out which transactions are still open. Their changes are not visible yet, so a delay message that came due now
 * would be read too early.
 */
export interface OpenTransactions {
  /**
   * Reads which transactions are open now.
   *
   * @throws KtError `KT_LOAD_FAILED`, retryable, when the database does not answer
   */
  read(): Promise<IsOpen>
}
