import { errorFields } from '@kt/core'
import { delayTopicProblems } from '@kt/core/internal'
import type { ResolvedDelayerOptions } from './options.ts'

type Options = Pick<ResolvedDelayerOptions, 'consumer' | 'topic' | 'name' | 'delayMs' | 'logger'>

/**
 * Reports settings of the delay topic that leave holes in the safety net. The Delayer starts anyway, because it can
 * still re-send most messages.
 */
export async function checkDelayTopic({ consumer, topic, name, delayMs, logger }: Options): Promise<void> {
  try {
    const settings = (await consumer.topicSettings?.(topic)) ?? {}
    for (const { loses, found, advice } of delayTopicProblems(settings, delayMs)) {
      const fields = { topic, group: name, ...found, advice }
      if (loses) logger.error('The delay topic may lose messages before they are re-sent', fields)
      else logger.warn('The delay topic uses the clocks of the producers for its timestamps', fields)
    }
  } catch (error) {
    logger.warn('The settings of the delay topic could not be read', {
      topic,
      group: name,
      ...errorFields(error),
    })
  }
}
