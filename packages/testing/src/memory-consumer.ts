import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { ConsumeOptions, Consumption, Message, MessageConsumer, MessageHandler } from '@kt/core'
import type { Broker } from './broker.ts'
import type { Member } from './member.ts'
import { MemoryConsumption } from './memory-consumption.ts'

/** The options of `Consumer.consume` of `@kt/consumer`. */
export interface MemoryConsumeOptions extends ConsumeOptions {
  /**
   * Receives a message for which the handler, given this message alone, rejects with a `KtError` that is not retryable.
   * Once this function has resolved, the message is skipped. When it rejects, the message is retried.
   *
   * @defaultValue none: such a message is retried like any other
   */
  readonly deadLetter?: (message: Message, error: KtError) => Promise<void>
}

/** Delivers the messages in memory, with the guarantees of `Consumer` of `@kt/consumer`. */
export class MemoryConsumer implements MessageConsumer, AsyncDisposable {
  readonly #broker: Broker
  readonly #running = new Set<MemoryConsumption>()
  #closing: Promise<void> | undefined

  constructor(broker: Broker) {
    this.#broker = broker
  }

  async consume(options: MemoryConsumeOptions, handler: MessageHandler): Promise<Consumption> {
    const { topic, name, from, signal, member } = resolve(options, handler)
    if (this.#closing) throw new KtError('KT_CLOSED', 'The consumer is closed', { retryable: false })
    if (signal?.aborted === true)
      throw new KtError('KT_ABORTED', 'consume was aborted before it started', { retryable: false })
    const group = this.#broker.group(topic, name)
    const consumption = new MemoryConsumption(group, member, () => this.#running.delete(consumption))
    this.#running.add(consumption)
    group.join(member, from)
    signal?.addEventListener('abort', () => void consumption.close(), { once: true })
    return consumption
  }

  /** The settings of a topic that is right for everything, a delay topic included. */
  async topicSettings(_topic: string): Promise<Readonly<Record<string, string>>> {
    return { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'delete', 'retention.ms': '-1' }
  }

  /** Nothing is ever deleted. */
  async missed(_topic: string, _name: string): Promise<bigint> {
    return 0n
  }

  /** Closes every worker after it has finished and committed its current batch. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(Array.from(this.#running, (each) => each.close())).then(() => undefined)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function resolve(options: MemoryConsumeOptions, handler: MessageHandler) {
  const check = optionChecker('Consumer.consume')
  const { partition, signal, deadLetter, batchSize = 1_000, from = 'earliest' } = options
  const member: Member = {
    handler: check.callable('handler', handler),
    batchSize: check.integer('batchSize', batchSize, { min: 1 }),
    partition: partition === undefined ? undefined : check.integer('partition', partition),
    deadLetter: deadLetter === undefined ? undefined : check.callable('deadLetter', deadLetter),
    isEnding: false,
  }
  return {
    topic: check.string('topic', options.topic),
    name: check.string('name', options.name),
    from: check.oneOf('from', from, ['earliest', 'latest']),
    signal,
    member,
  }
}
