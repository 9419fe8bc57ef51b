import { deadLetterTopic, KtError } from '@kt/core'
import { resolveRedriveOptions } from './options.ts'
import type { RedriveOptions } from './options.ts'
import { RedriveRun } from './redrive-run.ts'
import type { RedriveResult } from './redrive-run.ts'

/**
 * Puts dead letters back on the topic that they came from. An Indexer then reads the record afresh, so a letter whose
 * document is already right does no harm. Handles the letters that exist at the call, except those that an earlier call
 * has put back. Its progress is committed after each batch: after a crash the next call continues from there, and at
 * worst puts some letters back twice.
 *
 * Letters of a delay topic are put back there, and wait for another delay.
 *
 * @returns `redriven`: how many letters were put back. `skipped`: how many messages stay, because `filter` returned
 *   false or they are no dead letters.
 * @throws KtError `KT_OPTION_INVALID`, the errors of the consumer and the producer, and `KT_ABORTED` when the signal
 *   fires; also the errors of `filter`. Letters that were put back before stay so.
 */
export async function redrive(options: RedriveOptions): Promise<RedriveResult> {
  const resolved = resolveRedriveOptions(options)
  const { consumer, topic, name, batchSize, signal, logger } = resolved
  const run = new RedriveRun(resolved)
  const consumption = await consumer.consume(
    { topic: deadLetterTopic(topic), name, batchSize, ...(signal !== undefined && { signal }) },
    (messages, context) => run.handle(messages, context),
  )
  try {
    const ends = await consumption.ends()
    run.begin(ends)
    const signals = signal === undefined ? [run.failed] : [signal, run.failed]
    const timeoutMs = Number.MAX_SAFE_INTEGER
    await consumption.whenCaughtUp({ ends, timeoutMs, signal: AbortSignal.any(signals) })
  } catch (error) {
    run.begin(new Map())
    if (signal?.aborted)
      throw new KtError('KT_ABORTED', 'redrive was aborted; call it again to continue', {
        retryable: true,
        cause: error,
      })
    throw run.failed.aborted ? run.failed.reason : error
  } finally {
    await consumption.close()
  }
  logger.info('Dead letters were redriven', { topic, group: name, ...run.result })
  return run.result
}
