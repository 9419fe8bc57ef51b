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

test('a broker that has not heard of the new topic yet does not make its creation fail', async () => {
  const unheardOf = Object.assign(new Error('This server does not host this topic-partition'), {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  })
  const { kafka, calls } = kafkaThatAnswers(() => Promise.reject(unheardOf))
  expect(await createDelayTopic({ kafka, topic: 'delay_5m' })).toBe(true)
  expect(calls).toEqual(['connect', 'disconnect'])
})

test('other errors are those of the admin client, which is disconnected all the same', async () => {
  const { kafka, calls } = kafkaThatAnswers(() => Promise.reject(new Error('Not authorised')))
  await expect(createDelayTopic({ kafka, topic: 'delay_5m' })).rejects.toThrow('Not authorised')
  expect(calls).toEqual(['connect', 'disconnect'])
})
