import { errorFields } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'

type Options = Pick<ResolvedDelayerOptions, 'consumer' | 'topic' | 'name' | 'delayMs' | 'logger'>
type Settings = Readonly<Record<string, string>>

/**
 * Reports settings of the delay topic that leave holes in the safety net. The Delayer starts anyway, because it can
 * still re-send most messages.
 */
export async function checkDelayTopic({ consumer, topic, name, delayMs, logger }: Options): Promise<void> {
  try {
    const settings = (await consumer.topicSettings?.(topic)) ?? {}
    checkTimestamps(settings, (fields) =>
      logger.warn('The delay topic uses the clocks of the producers for its timestamps', {
        topic,
        group: name,
        ...fields,
      }),
    )
    for (const fields of losses(settings, delayMs))
      logger.error('The delay topic may lose messages before they are re-sent', {
        topic,
        group: name,
        ...fields,
      })
  } catch (error) {
    logger.warn('The settings of the delay topic could not be read', {
      topic,
      group: name,
      ...errorFields(error),
    })
  }
}

/** If a producer's clock is slow, its messages come due before it commits. */
function checkTimestamps(settings: Settings, report: (fields: Settings) => void): void {
  const type = settings['message.timestamp.type']
  if (type === undefined || type === 'LogAppendTime') return
  report({ type, advice: 'set message.timestamp.type=LogAppendTime on the delay topic' })
}

function losses(settings: Settings, delayMs: number): readonly Settings[] {
  const policy = settings['cleanup.policy'] ?? 'delete'
  const retentionMs = settings['retention.ms'] ?? '-1'
  const found: Settings[] = []
  // Compaction drops all changes of a record except the last, which may not have committed.
  if (policy.includes('compact'))
    found.push({ policy, advice: 'set cleanup.policy=delete on the delay topic' })
  // -1 keeps messages for ever. With the policy `compact` alone, age deletes nothing.
  if (policy.includes('delete') && Number(retentionMs) >= 0 && Number(retentionMs) <= delayMs)
    found.push({
      retentionMs,
      advice: 'set retention.ms to the delay plus the longest time that the Delayer may be down',
    })
  return found
}
