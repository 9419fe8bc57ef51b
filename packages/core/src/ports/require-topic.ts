import { KtError } from '../errors/kt-error.ts'
import type { MessageProducer } from './message-producer.ts'

/**
 * Resolves when Kafka has the topic, as far as the producer can say: what is missing is found when a worker starts, not
 * when it needs it.
 *
 * @param use what the topic is for
 * @throws KtError `KT_PRODUCE_FAILED`, retryable.
 */
export async function requireTopic(producer: MessageProducer, topic: string, use: string): Promise<void> {
  try {
    await producer.ensureTopic?.(topic)
  } catch (cause) {
    throw new KtError(
      'KT_PRODUCE_FAILED',
      `The topic "${topic}", which ${use} go to, can't be used: create it, unless Kafka is away`,
      { cause, retryable: true },
    )
  }
}
