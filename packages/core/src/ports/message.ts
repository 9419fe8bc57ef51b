/** A message as the consumer passes it to its handler. */
export interface Message {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
  /**
   * The record's timestamp in epoch milliseconds: from the broker's clock with LogAppendTime, otherwise from the
   * producer's.
   */
  readonly timestampMs: number
}
