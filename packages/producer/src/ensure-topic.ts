import { within } from '@kt/core/internal'
import type { ResolvedProducerOptions } from './options.ts'
import { lookUpFailed, timeoutError } from './produce-error.ts'

/** @throws KtError when the topic is missing and can't be created, or Kafka does not answer in time */
export async function ensureTopic(topic: string, options: ResolvedProducerOptions): Promise<void> {
  try {
    const { timeoutMs } = options
    await within(timeoutMs, createIfMissing(topic, options), () =>
      timeoutError('Kafka did not answer', timeoutMs),
    )
  } catch (error) {
    throw lookUpFailed(topic, error)
  }
}

async function createIfMissing(
  topic: string,
  { kafka, allowAutoTopicCreation }: ResolvedProducerOptions,
): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    if ((await admin.listTopics()).includes(topic)) return
    if (!allowAutoTopicCreation) throw new Error('The topic does not exist')
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: false })
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}
