import { KtError } from '../errors/kt-error.ts'
import { sleep } from './sleep.ts'
import type { MessageProducer } from '../ports/message-producer.ts'

/** The same time as a consumer waits for its group. */
const maxWaitMs = 60_000
const pauseMs = 500

/**
 * Resolves when the topic exists, as far as the producer can tell. A missing topic is then found when a worker starts,
 * not when it first needs the topic. Retries for up to a minute while Kafka is slow or away.
 *
 * @param use the purpose of the topic, such as `dead letters`
 * @throws KtError `KT_PRODUCE_FAILED`, retryable; `KT_ABORTED` when `signal` fires
 */
export async function requireTopic(
  producer: MessageProducer,
  topic: string,
  use: string,
  signal?: AbortSignal,
): Promise<void> {
  const giveUpAtMs = performance.now() + maxWaitMs
  for (;;) {
    try {
      await producer.ensureTopic?.(topic)
      return
    } catch (cause) {
      if (!isTimeout(cause) || performance.now() > giveUpAtMs) throw unusable(topic, use, cause)
    }
    await sleep(pauseMs, signal)
    if (signal?.aborted)
      throw new KtError('KT_ABORTED', 'The wait for a topic was aborted while Kafka did not answer', {
        retryable: false,
      })
  }
}

function isTimeout(error: unknown): boolean {
  return KtError.isInstance(error) && error.code === 'KT_PRODUCE_TIMEOUT'
}

function unusable(topic: string, use: string, cause: unknown): KtError {
  return new KtError(
    'KT_PRODUCE_FAILED',
    `The topic "${topic}" for ${use} can't be used. Create it, or check whether Kafka can be reached`,
    { cause, retryable: true },
  )
}
