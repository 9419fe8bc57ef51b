import { optionChecker } from '@kt/core/internal'
import { Broker } from './broker.ts'
import type { MemoryClock } from './clock.ts'
import { MemoryConsumer } from './memory-consumer.ts'
import { MemoryProducer } from './memory-producer.ts'
import { resolveMemoryKafkaOptions } from './options.ts'
import type { MemoryKafkaOptions } from './options.ts'
import { toSentMessage } from './sent-message.ts'
import type { SentMessage } from './sent-message.ts'
import { nextPauseEndMs, settle, throwFailure } from './settle.ts'
import type { SettleOptions } from './settle.ts'

export type { SettleOptions } from './settle.ts'

/** Something that holds messages back for a moment, such as an `UpdateStreamer`. */
export interface Flushable {
  flush(): Promise<void>
}

/** Kafka in memory, for tests: topics, consumer groups and a clock that the test advances. */
export interface MemoryKafka extends AsyncDisposable {
  /** The clock by which delays pass. */
  readonly clock: MemoryClock
  /** Stands in for `Producer` of `@kt/producer`. */
  producer(): MemoryProducer
  /** Stands in for `Consumer` of `@kt/consumer`. All consumers read the same topics. */
  consumer(): MemoryConsumer
  /**
   * Makes `whenCaughtUp` and `clock.advance` call `flush()` of an `UpdateStreamer`, which may gather instant messages
   * for a few milliseconds. Returns it.
   */
  attach<T extends Flushable>(streamer: T): T
  /**
   * Resolves when no running worker has anything left to do that doesn't wait for the clock.
   *
   * @throws the error of a handler that has failed `attempts` times in a row; KtError `KT_CATCH_UP_TIMEOUT` when a
   *   handler takes too long, `KT_ABORTED`
   */
  whenCaughtUp(options?: SettleOptions): Promise<void>
  /** All messages of a topic in the order in which they were written, decoded. Empty if there is no such topic. */
  messages(topic: string): readonly SentMessage[]
  /**
   * Makes all calls of producers for this topic reject, as when Kafka is away. Without a topic, those for any topic.
   *
   * @param error defaults to a `KtError` `KT_PRODUCE_TIMEOUT`, which is retryable
   */
  fail(topic?: string, error?: Error): void
  /** Ends `fail` for this topic. Without a topic, for all. */
  restore(topic?: string): void
  /** Closes all workers. Idempotent. */
  close(): Promise<void>
}

/**
 * Creates a Kafka in memory. Does no I/O.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function memoryKafka(options: MemoryKafkaOptions = {}): MemoryKafka {
  const broker = new Broker(resolveMemoryKafkaOptions(options))
  const consumers: MemoryConsumer[] = []
  const attached = new Set<Flushable>()
  const settled = (wait?: SettleOptions): Promise<void> => settle(broker, flush, wait)
  let advanced: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    await Promise.all(Array.from(attached, (each) => each.flush()))
  }

  async function advance(ms: number): Promise<void> {
    await settled()
    const endMs = broker.clock.nowMs + ms
    for (let nextMs = nextPauseEndMs(broker); nextMs !== undefined && nextMs < endMs;) {
      broker.clock.moveTo(nextMs)
      await settled()
      nextMs = nextPauseEndMs(broker)
    }
    broker.clock.moveTo(endMs)
    await settled()
    throwFailure(broker)
  }

  async function close(): Promise<void> {
    await Promise.all(consumers.map((each) => each.close()))
  }

  return {
    clock: {
      get elapsedMs() {
        return broker.clock.nowMs
      },
      async advance(ms) {
        optionChecker('clock.advance').integer('ms', ms)
        // One after the other.
        const call = advanced.then(() => advance(ms))
        advanced = call.catch(() => undefined)
        await call
      },
    },
    producer: () => new MemoryProducer(broker),
    consumer() {
      const consumer = new MemoryConsumer(broker)
      consumers.push(consumer)
      return consumer
    },
    attach(streamer) {
      attached.add(optionChecker('attach').port('streamer', streamer, ['flush']))
      return streamer
    },
    async whenCaughtUp(wait) {
      await settled(wait)
      throwFailure(broker)
    },
    messages: (topic) => broker.messages(topic).map(toSentMessage),
    fail: (topic, error) => broker.faults.add(topic, error),
    restore: (topic) => broker.faults.remove(topic),
    close,
    [Symbol.asyncDispose]: close,
  }
}
