import { deadLetterTopic, KtError } from '@kt/core'
import { resolveRedriveOptions } from './options.ts'
import type { RedriveOptions } from './options.ts'
import { RedriveRun } from './redrive-run.ts'
import type { RedriveResult } from './redrive-run.ts'

/**
 * Puts dead letters back on the topic that they came from, for whoever consumes it: an Indexer reads the record afresh,
 * so a letter whose document has long been right again does no harm. It takes the letters that are there at the call, but
 * for those that an earlier call has put back. How far it came is committed batch by batch: after a crash the next call
 * goes on from there, and puts some letters back twice at the worst.
 *
 * Letters of a delay topic are put back there, and wait once more.
 *
 * @returns how many letters were put back, and how many were not and stay: refused by `filter`, or no letters at all
 * @throws KtError `KT_OPTION_INVALID`; what the consumer and the producer throw; `KT_ABORTED` when the signal fires. And
 *   what `filter` throws. What was done until then is done.
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
      throw new KtError('KT_ABORTED', 'redrive was aborted', { retryable: true, cause: error })
    throw run.failed.aborted ? run.failed.reason : error
  } finally {
    await consumption.close()
  }
  logger.info('Dead letters were redriven', { topic, group: name, ...run.result })
  return run.result
}
