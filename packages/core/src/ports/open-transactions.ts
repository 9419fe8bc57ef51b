/** Whether the transaction that made a change may still commit. */
export type IsOpen = (changeId: string) => boolean

/**
 * Knows which transactions have not ended: nobody sees what they have changed yet, so that a delay message that came due
 * now would be read too early.
 */
export interface OpenTransactions {
  /**
   * Looks which are open now.
   *
   * @throws KtError `KT_LOAD_FAILED`, retryable, when the database does not say.
   */
  look(): Promise<IsOpen>
}
