import { KtError, optionChecker, quietRequestQueues } from '@kt/core'
import type { Consumption, MessageConsumer, MessageHandler } from '@kt/core'
// The default export: Node finds only some of kafkajs's names when it imports it as an ES module.
import kafkajs from 'kafkajs'
import type { Kafka } from 'kafkajs'
import { KafkaConsumption } from './kafka-consumption.ts'
import { loadRequestQueue } from './kafkajs/load-request-queue.ts'
import { resolveConsumeOptions, resolveConsumerOptions } from './options.ts'
import type { ConsumerOptions, KafkaConsumeOptions, ResolvedConsumerOptions } from './options.ts'

const groups = Symbol.for('@kt/consumer/groups')
type Groups = WeakMap<Kafka, Set<string>>

/**
 * The names of the workers on each Kafka instance: see `ConsumerOptions.kafka`. One for all copies of this package, such
 * as an ES module and a CommonJS one, since they share kafkajs's state.
 */
const shared = globalThis as { [groups]?: Groups }
const groupsOf = (shared[groups] ??= new WeakMap())

/**
 * Takes messages out of Kafka at least once, on kafkajs.
 *
 * A message is committed only after its handler has succeeded. A handler that fails is retried, with backoff, for as
 * long as it takes; meanwhile the worker keeps its place in the group, and other partitions go on.
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
      throw new KtError('KT_ABORTED', 'consume was aborted before it began', { retryable: false })
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

  /** Closes every worker: each finishes and commits the batch in hand. Idempotent. */
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
      `a function that makes a Kafka instance, since "${name}" already has a worker on this instance`,
      kafka,
    )
  names.add(name)
  return () => names.delete(name)
}
