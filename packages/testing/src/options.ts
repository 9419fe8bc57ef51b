import { optionChecker } from '@kt/core/internal'

export interface MemoryKafkaOptions {
  /**
   * Number of partitions of each topic that `topics` doesn't list. With more than one, only messages of the same key
   * keep their order, as in production.
   *
   * @defaultValue 3
   */
  readonly partitions?: number
  /**
   * Number of partitions by topic. Other topics are created when they are first used.
   *
   * @defaultValue none
   */
  readonly topics?: Readonly<Record<string, number>>
  /**
   * Number of attempts at a batch whose handler rejects, one right after the other. Then the batch waits, and
   * `whenCaughtUp` and `clock.advance` reject with the handler's error. The next call of either tries again.
   *
   * @defaultValue 3
   */
  readonly attempts?: number
  /**
   * Time-out of `whenCaughtUp`, of each step of `clock.advance` and of closing a worker, in real milliseconds. The
   * default is just below the five seconds that most test runners give a test, so that its error says what was waited
   * for.
   *
   * @defaultValue 4_000
   */
  readonly timeoutMs?: number
}

export type ResolvedMemoryKafkaOptions = Required<MemoryKafkaOptions>

export function resolveMemoryKafkaOptions(options: MemoryKafkaOptions): ResolvedMemoryKafkaOptions {
  const check = optionChecker('memoryKafka')
  const { topics = {} } = options
  for (const [topic, partitions] of Object.entries(topics))
    check.integer(`topics.${topic}`, partitions, { min: 1 })
  return Object.freeze({
    partitions: check.integer('partitions', options.partitions ?? 3, { min: 1 }),
    topics,
    attempts: check.integer('attempts', options.attempts ?? 3, { min: 1 }),
    timeoutMs: check.integer('timeoutMs', options.timeoutMs ?? 4_000, { min: 1 }),
  })
}
