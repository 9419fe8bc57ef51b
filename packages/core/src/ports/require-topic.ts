import { KtError } from '../errors/kt-error.ts'
import { sleep } from '../retry/sleep.ts'
import type { MessageProducer } from './message-producer.ts'

/** As long as a consumer waits for its group. */
const patienceMs = 60_000
const pauseMs = 500

/**
 * Resolves when Kafka has the topic, as far as the producer can say: what is missing is found when a worker starts, not
 * when it needs it. A Kafka that is slow or away is asked again, for a minute at most.
 *
 * @param use what the topic is for
 * @throws KtError `KT_PRODUCE_FAILED`, retryable; `KT_ABORTED` when `signal` fires.
 */
export async function requireTopic(
  producer: MessageProducer,
  topic: string,
  use: string,
  signal?: AbortSignal,
): Promise<void> {
  const giveUpAtMs = performance.now() + patienceMs
  for (;;) {
    try {
      await producer.ensureTopic?.(topic)
      return
    } catch (cause) {
      if (!isTimeout(cause) || performance.now() > giveUpAtMs) throw unusable(topic, use, cause)
    }
    await sleep(pauseMs, signal)
    if (signal?.aborted)
      throw new KtError('KT_ABORTED', 'Aborted while Kafka did not answer', { retryable: false })
  }
}

function isTimeout(error: unknown): boolean {
  return KtError.isInstance(error) && error.code === 'KT_PRODUCE_TIMEOUT'
}

function unusable(topic: string, use: string, cause: unknown): KtError {
  return new KtError(
    'KT_PRODUCE_FAILED',
    `The topic "${topic}", which ${use} go to, can't be used: create it, unless Kafka is away`,
    { cause, retryable: true },
  )
}
