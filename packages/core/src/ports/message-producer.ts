export interface ProduceOptions {
  readonly topic: string
  /**
   * The partition, which overrides the key. Without it the key decides, and without a key any partition may be used.
   */
  readonly partition?: number
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface MessageBatch {
  /** Adds a message. It is sent when the batch's function has returned. */
  produce(value: string | Uint8Array | null, options: ProduceOptions): void
}

/** Offsets that include all messages of a call. There may be others among them, because requests are shared. */
export interface OffsetRange {
  readonly from: bigint
  /** Above the last message. It may be above the end of the partition, too. */
  readonly end: bigint
}

/** By partition: where messages were written. */
export type WrittenRanges = ReadonlyMap<number, OffsetRange>

export interface BatchOptions {
  /** Called with the topic and its partitions for each request that Kafka has acknowledged, before `batch` resolves. */
  readonly onWritten?: (topic: string, ranges: WrittenRanges) => void
}

/** Returns the partition that messages with a key go to. */
export type KeyPartitioner = (key: string) => number

/** Sends messages to Kafka. */
export interface MessageProducer {
  /**
   * Sends a message. Resolves when Kafka has acknowledged it.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT`, `KT_PRODUCE_FAILED`, `KT_PARTITION_UNKNOWN` or `KT_CLOSED`. After a time-out,
   *   the message may or may not have been sent
   */
  produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void>

  /**
   * Sends all messages that `fill` adds, at once. Resolves with the result of `fill` when Kafka has acknowledged all of
   * them. If `fill` throws, nothing is sent. Not atomic: after an error, some messages may have been sent.
   *
   * @throws KtError as `produce`
   */
  batch<T>(fill: (batch: MessageBatch) => T | Promise<T>, options?: BatchOptions): Promise<T>

  /**
   * Resolves when the topic exists. Creates it if the producer may.
   *
   * @throws KtError when it is missing or Kafka is away
   */
  ensureTopic?(topic: string): Promise<void>
  /**
   * Resolves with a function that maps a message key to a partition of `topic`, as far as the producer knows:
   * partitions that were just added may be missing. It lets many records of one partition share a message. Without this
   * method, each record gets its own message.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT`, `KT_PRODUCE_FAILED` or `KT_CLOSED`, when Kafka is away or has no such topic
   */
  keyPartitioner?(topic: string): Promise<KeyPartitioner>
}
