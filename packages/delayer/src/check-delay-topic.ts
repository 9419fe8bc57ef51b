import { errorFields } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'

type Options = Pick<ResolvedDelayerOptions, 'consumer' | 'topic' | 'name' | 'logger'>

/**
 * Warns when the delay topic keeps the producers' timestamps. A producer whose clock is slow would have its messages
 * come due before it commits, and the safety net would have a hole.
 */
export async function checkTimestamps({ consumer, topic, name, logger }: Options): Promise<void> {
  try {
    const settings = await consumer.topicSettings?.(topic)
    const type = settings?.['message.timestamp.type']
    if (type === undefined || type === 'LogAppendTime') return
    const advice = 'set message.timestamp.type=LogAppendTime on the delay topic'
    logger.warn('Delays go by the clocks of the producers', { topic, name, type, advice })
  } catch (error) {
    logger.warn('The settings of the delay topic could not be read', { topic, name, ...errorFields(error) })
  }
}
