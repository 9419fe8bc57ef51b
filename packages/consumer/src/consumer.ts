import { KtError } from '@kt/core'
import { optionChecker, quietRequestQueues } from '@kt/core/internal'
import type { Consumption, MessageConsumer, MessageHandler } from '@kt/core'
// Imports the default export: as an ES module, Node finds only some of kafkajs's named exports.
import kafkajs from 'kafkajs'
import type { Kafka } from 'kafkajs'
import { AdminConnection } from './group/admin-connection.ts'
import { GroupOffsets } from './group/group-offsets.ts'
import { KafkaConsumption } from './kafka-consumption.ts'
import { loadRequestQueue } from './kafkajs/load-request-queue.ts'
import { resolveConsumeOptions, resolveConsumerOptions } from './options.ts'
import type { ConsumerOptions, KafkaConsumeOptions, ResolvedConsumerOptions } from './options.ts'

const groups = Symbol.for('@kt/consumer/groups')
type Groups = WeakMap<Kafka, Set<string>>

/**
 * The names of the workers on each Kafka instance: see `ConsumerOptions.kafka`. All copies of this package, such as the
 * ES module and the CommonJS build, share one map, because they share kafkajs's state.
 */
const shared = globalThis as { [groups]?: Groups }
const groupsOf = (shared[groups] ??= new WeakMap())

/**
 * Consumes messages from Kafka at least once, with kafkajs.
 *
 * A message is committed only after its handler has succeeded. A failing handler is retried with backoff and without
 * limit. Meanwhile the worker keeps its group membership, and other partitions go on.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export class Consumer implements MessageConsumer {
  readonly #options: ResolvedConsumerOptions
  readonly #running = new Set<KafkaConsumption>()
  #closing: Promise<void> | undefined

  constructor(options: ConsumerOptions) {
    this.#options = resolveConsumerOptions(options)
  }

  async consume(options: KafkaConsumeOptions, handler: MessageHandler): Promise<Consumption> {
    const consume = resolveConsumeOptions(options)
    optionChecker('Consumer.consume').callable('handler', handler)
    if (this.#closing) throw new KtError('KT_CLOSED', 'The consumer is closed', { retryable: false })
    if (consume.signal?.aborted)
      throw new KtError('KT_ABORTED', 'consume was aborted before it started', { retryable: false })
    const { logger, mendIdlePolling } = this.#options
    if (mendIdlePolling) void quietRequestQueues(loadRequestQueue, logger)
    const kafka = this.#options.newKafka()
    const release = this.#options.sharesKafka ? claim(kafka, consume.name) : () => undefined
    const consumption = new KafkaConsumption(kafka, consume, this.#options, handler, () => {
      release()
      this.#running.delete(consumption)
    })
    this.#running.add(consumption)
    await consumption.start()
    return consumption
  }

  async topicSettings(topic: string): Promise<Readonly<Record<string, string>>> {
    const admin = this.#options.newKafka().admin()
    await admin.connect()
    try {
      const { resources } = await admin.describeConfigs({
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
        includeSynonyms: false,
      })
      const entries = resources.flatMap(({ configEntries }) => configEntries)
      return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
    } finally {
      await admin.disconnect()
    }
  }

  async missed(topic: string, name: string): Promise<bigint> {
    const admin = new AdminConnection(this.#options.newKafka())
    try {
      return await new GroupOffsets(admin, {
        topic,
        name,
        partition: undefined,
        isOurs: () => false,
      }).missed()
    } finally {
      await admin.close()
    }
  }

  /** Closes every worker after it has finished and committed its current batch. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#running].map((each) => each.close())).then(() => undefined)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function claim(kafka: Kafka, name: string): () => void {
  const names = groupsOf.get(kafka) ?? new Set()
  groupsOf.set(kafka, names)
  if (names.has(name))
    return optionChecker('Consumer').fail(
      'kafka',
      `a function that makes a Kafka instance, because "${name}" already has a worker on this instance`,
      kafka,
    )
  names.add(name)
  return () => names.delete(name)
}
