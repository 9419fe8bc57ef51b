export interface ProduceOptions {
  readonly topic: string
  /** Where the message goes whatever its key. Without it, the key decides, and without a key any partition. */
  readonly partition?: number
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface MessageBatch {
  /** Adds a message; it is sent when the batch's function has returned. */
  produce(value: string | Uint8Array | null, options: ProduceOptions): void
}

/** The partition of a topic that messages with a key go to. */
export type KeyPartitioner = (key: string) => number

/** A way to put messages into Kafka. */
export interface MessageProducer {
  /**
   * Resolves when Kafka has acknowledged the message.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT`, `KT_PRODUCE_FAILED`, `KT_PARTITION_UNKNOWN` or `KT_CLOSED`. After a
   *   time-out the message may or may not be there.
   */
  produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void>

  /**
   * Sends all that `fill` adds, at once; resolves with what `fill` returned when Kafka has acknowledged all of it.
   * When `fill` throws nothing is sent. Not atomic: on an error some messages may be there.
   *
   * @throws as `produce`.
   */
  batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T>

  /**
   * Resolves when the topic is there, and creates it if the producer may.
   *
   * @throws KtError when it is missing, or Kafka is away
   */
  ensureTopic?(topic: string): Promise<void>
  /**
   * Resolves with a function that says to which partition of `topic` a message with a given key goes, as far as the
   * producer knows: partitions that were added a moment ago may be missing. It allows many records of one partition to
   * share a message; without this method each record has a message of its own.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT`, `KT_PRODUCE_FAILED` or `KT_CLOSED`, when Kafka is away or has no such topic.
   */
  keyPartitioner?(topic: string): Promise<KeyPartitioner>
}
