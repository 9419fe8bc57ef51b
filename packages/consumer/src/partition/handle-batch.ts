import { errorFields } from '@kt/core'
import { isRefused, sleep } from '@kt/core/internal'
import type { BatchContext, KtError, Logger, Message, MessageHandler, Meter, Pause } from '@kt/core'
import type { Backoff } from '@kt/core/internal'
import { countBefore } from './count-before.ts'

export interface HandleBatchOptions {
  readonly handler: MessageHandler
  /** Records that messages were given up. */
  readonly gaveUp: (messages: readonly Message[]) => void
  readonly deadLetter: ((message: Message, error: KtError) => Promise<void>) | undefined
  readonly backoff: Backoff
  readonly logger: Logger
  readonly meter: Meter
  readonly topic: string
  readonly name: string
  readonly partition: number
  /** Stops retries. */
  readonly ending: AbortSignal
  /** Passed to the handler. Its result is ignored after this fires. */
  readonly lost: AbortSignal
}

/**
 * Calls the handler until it succeeds.
 *
 * @returns the handler's pause; `done`; or `abandoned` when a signal fired before it succeeded
 */
export async function handleBatch(
  messages: readonly Message[],
  options: HandleBatchOptions,
): Promise<Pause | 'done' | 'abandoned'> {
  const { handler, deadLetter, gaveUp, topic, partition, name, meter } = options
  for (let attempt = 1; ; attempt += 1) {
    const context: BatchContext = { topic, partition, attempt, signal: options.lost, gaveUp }
    try {
      const pause = await handler(messages, context)
      if (options.lost.aborted) return 'abandoned'
      // Messages from `from` on are delivered again, and counted then.
      const count = pause ? countBefore(messages, pause.from) : messages.length
      meter.add('kt_consumer_messages_total', count, { topic, name })
      return pause ?? 'done'
    } catch (error) {
      if (options.lost.aborted) return 'abandoned'
      if (deadLetter && isRefused(error)) {
        if (messages.length > 1) return handleOneByOne(messages, options)
        if (await sendDeadLetter(messages, error, deadLetter, options)) return 'done'
      }
      meter.add('kt_consumer_retries_total', 1, { topic, name })
      options.logger.warn('A handler failed, retrying', {
        topic,
        group: name,
        partition,
        attempt,
        ...errorFields(error),
      })
    }
    await sleep(options.backoff(attempt), options.ending)
    if (options.ending.aborted) return 'abandoned'
  }
}

/** Isolates the failing message. */
async function handleOneByOne(
  messages: readonly Message[],
  options: HandleBatchOptions,
): Promise<Pause | 'done' | 'abandoned'> {
  for (const message of messages) {
    const outcome = await handleBatch([message], options)
    if (outcome !== 'done') return outcome
  }
  return 'done'
}

/** @returns whether the dead letter was sent */
async function sendDeadLetter(
  [message]: readonly Message[],
  error: KtError,
  deadLetter: (message: Message, error: KtError) => Promise<void>,
  { gaveUp, logger, meter, topic, name, partition }: HandleBatchOptions,
): Promise<boolean> {
  if (!message) return false
  try {
    await deadLetter(message, error)
    gaveUp([message])
    meter.add('kt_consumer_dead_letters_total', 1, { topic, name })
    return true
  } catch (failure) {
    logger.error('A dead letter could not be sent: its message is retried', {
      topic,
      group: name,
      partition,
      ...errorFields(failure),
    })
    return false
  }
}
