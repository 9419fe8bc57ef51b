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

/** Names and resources that one test file has to itself on the shared services. */
export interface TestScope extends AsyncDisposable {
  /** The prefix of all names in this scope, such as `indexer-3f9a0c`. */
  readonly prefix: string
  readonly brokers: string[]
  readonly elasticsearchUrl: string
  readonly elasticsearch: ElasticsearchClient
  /** A database of its own, initially empty. */
  readonly databaseUrl: string
  /** Creates a client that logs nothing. The caller must disconnect its producers and consumers. */
  kafka(): Kafka
  /** Returns the topic's full name, `<prefix>.<name>`, without creating the topic. */
  topic(name: string): string
  /** Creates the topic. Resolves with its full name when the leaders of all partitions answer. */
  createTopic(name: string, options?: CreateTopicOptions): Promise<string>
  /** Sends messages to the topic with kafkajs alone. Takes the full name. */
  send(topic: string, records: readonly TestRecord[]): Promise<void>
  /** Returns the index's full name, `<prefix>-<name>`, in lower case, without creating the index. */
  index(name: string): string
  /** Reads all current messages of the topic, by partition and offset. Takes the full name. */
  readTopic(topic: string): Promise<TopicMessage[]>
  /** Polls until the condition is true: see {@link waitFor}. */
  waitFor: <T>(condition: () => T | Promise<T>, options?: WaitForOptions) => Promise<NonNullable<Awaited<T>>>
  /** Drops the database and all topics and indexes whose names have the prefix. Idempotent. */
  close(): Promise<void>
}

const longestSlug = 30

/**
 * Gives a test file its own names and its own database on the services of `testkit/global-setup`.
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
