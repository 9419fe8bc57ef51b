import { expect, test } from 'vitest'
import { createDelayTopic } from './create-delay-topic.ts'
import type { TopicAdmin } from './create-delay-topic.ts'

function kafkaThatAnswers(createTopics: TopicAdmin['createTopics']) {
  const calls: string[] = []
  const admin: TopicAdmin = {
    connect: async () => void calls.push('connect'),
    createTopics,
    disconnect: async () => void calls.push('disconnect'),
  }
  return { calls, kafka: { admin: () => admin } }
}

test('succeeds when a broker does not know the new topic yet', async () => {
  const unheardOf = Object.assign(new Error('This server does not host this topic-partition'), {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
  const { kafka, calls } = kafkaThatAnswers(() => Promise.reject(unheardOf))
  expect(await createDelayTopic({ kafka, topic: 'delay_5m' })).toBe(true)
  expect(calls).toEqual(['connect', 'disconnect'])
})

test('rejects with other errors of the admin client, and disconnects it', async () => {
  const { kafka, calls } = kafkaThatAnswers(() => Promise.reject(new Error('Not authorised')))
  await expect(createDelayTopic({ kafka, topic: 'delay_5m' })).rejects.toThrow('Not authorised')
  expect(calls).toEqual(['connect', 'disconnect'])
})
