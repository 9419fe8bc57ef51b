import type { TestScope } from 'testkit'
import type { Case } from '../cases/case.ts'

/** Returns the problems with the messages of a run: dead letters, no re-sent messages, missing headers. */
export async function checkMessages(each: Case, scope: TestScope): Promise<string[]> {
  const letters = await deadLetters(scope)
  const messages = await scope.readTopic(scope.topic('cities'))
  const has = (header: string): boolean => messages.some(({ headers }) => headers[header] !== undefined)
  return [
    ...letters,
    ...(has('kt-delayed') ? [] : ['no delay message was re-sent']),
    ...(each.headers ?? []).flatMap((header) => (has(header) ? [] : [`no message has the header ${header}`])),
  ]
}

async function deadLetters(scope: TestScope): Promise<string[]> {
  const admin = scope.kafka().admin()
  await admin.connect()
  try {
    const topics = await admin.listTopics()
    const own = topics.filter((topic) => topic.startsWith(scope.prefix) && topic.endsWith('.dead-letter'))
    const ends = await Promise.all(own.map((topic) => admin.fetchTopicOffsets(topic)))
    return own.flatMap((topic, index) => {
      const count = (ends[index] ?? []).reduce((sum, { high }) => sum + Number(high), 0)
      return count === 0 ? [] : [`${count} dead letters in ${topic}`]
    })
  } finally {
    await admin.disconnect()
  }
}
