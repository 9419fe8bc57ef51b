import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { Client as ElasticsearchClient } from '@elastic/elasticsearch'
import type { Kafka } from 'kafkajs'
import { requireAddress } from '../environment.ts'
import { quietKafka } from '../services/quiet-kafka.ts'
import type { WaitForOptions } from '../wait-for.ts'
import { waitFor } from '../wait-for.ts'
import { createDatabase } from './database.ts'
import type { TopicMessage } from './read-topic.ts'
import { readTopic } from './read-topic.ts'
import { deleteIndexes } from './indexes.ts'
import { eachOnce, send } from './send.ts'
import type { TestRecord } from './send.ts'
import type { CreateTopicOptions } from './topics.ts'
import { createTopic, deleteTopics } from './topics.ts'

/** What one test file has to itself on the services that all files share. */
export interface TestScope extends AsyncDisposable {
  /** Begins every name of this scope, such as `indexer-3f9a0c`. */
  readonly prefix: string
  readonly brokers: string[]
  readonly elasticsearchUrl: string
  readonly elasticsearch: ElasticsearchClient
  /** A database of its own, empty at first. */
  readonly databaseUrl: string
  /** A new client, which logs nothing. Whoever takes producers and consumers from it disconnects them. */
  kafka(): Kafka
  /** The topic's full name: `<prefix>.<name>`. It is not created. */
  topic(name: string): string
  /** Creates the topic; resolves with its full name when the leader of every partition answers. */
  createTopic(name: string, options?: CreateTopicOptions): Promise<string>
  /** Puts messages into the topic, by kafkajs alone. It takes the full name. */
  send(topic: string, records: readonly TestRecord[]): Promise<void>
  /** The index's full name: `<prefix>-<name>`, in lower case. It is not created. */
  index(name: string): string
  /** Everything that is in the topic now, by partition and offset. It takes the full name. */
  readTopic(topic: string): Promise<TopicMessage[]>
  /** Asks again and again until the condition is true: see {@link waitFor}. */
  waitFor: <T>(condition: () => T | Promise<T>, options?: WaitForOptions) => Promise<NonNullable<Awaited<T>>>
  /** Drops the database and all topics and indexes whose names begin with the prefix. Idempotent. */
  close(): Promise<void>
}

const longestSlug = 30

/**
 * Gives a test file its own names and its own database; the services are those of `testkit/global-setup`.
 *
 * ```ts
 * const scope = await createTestScope(import.meta.url)
 * afterAll(() => scope.close())
 * ```
 *
 * @param file `import.meta.url` of the test file, or any name
 */
export async function createTestScope(file: string): Promise<TestScope> {
  const prefix = `${slug(file)}-${randomBytes(3).toString('hex')}`
  const brokers = requireAddress('kafka').split(',')
  const elasticsearchUrl = requireAddress('elasticsearch')
  const elasticsearch = new ElasticsearchClient({ node: elasticsearchUrl, requestTimeout: 30_000 })
  const database = await createDatabase(requireAddress('database'), prefix.replaceAll('-', '_'))
  const kafka = (): Kafka => quietKafka({ brokers, clientId: prefix })
  const close = async (): Promise<void> => {
    await Promise.all([
      database.drop(),
      deleteTopics(kafka(), `${prefix}.`),
      deleteIndexes(elasticsearch, `${prefix}-`),
    ])
    await elasticsearch.close()
  }
  let closed: Promise<void> | undefined
  const closeOnce = (): Promise<void> => (closed ??= close())
  return {
    prefix,
    brokers,
    elasticsearchUrl,
    elasticsearch,
    databaseUrl: database.url,
    kafka,
    topic: (name) => `${prefix}.${name}`,
    createTopic: (name, options) => createTopic(kafka(), `${prefix}.${name}`, options),
    send: (topic, records) => send(kafka(), topic, records, eachOnce),
    index: (name) => `${prefix}-${name}`.toLowerCase(),
    readTopic: (topic) => readTopic(kafka(), topic),
    waitFor,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  }
}

/** `file:///…/indexer.int.test.ts` becomes `indexer`. */
function slug(file: string): string {
  const name = basename(file).split('.')[0] ?? ''
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return plain.slice(0, longestSlug).replaceAll(/^-|-$/g, '') || 'test'
}
