/** A message as a consumer hands it to its handler. */
export interface Message {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
  /** The record's timestamp, epoch milliseconds: the broker's clock with LogAppendTime, else the producer's. */
  readonly timestampMs: number
}
