import { Consumer, GroupMonitor } from '@kt/consumer'
import { Producer } from '@kt/producer'
import type { MessageConsumer, MessageProducer, ReadTickets } from '@kt/core'
import { readTickets } from '@kt/sequelize-stream'
import type { Kafka } from 'kafkajs'
import type { ResolvedConfig } from './config/resolve-config.ts'
import type { Step } from './shutdown.ts'

type ClosableProducer = MessageProducer & { close(): Promise<void> }
type ClosableConsumer = MessageConsumer & { close(): Promise<void> }

/** The clients of one `Sync`, each created when it is first needed. */
export class Connections {
  readonly #config: ResolvedConfig
  readonly #monitors = new Map<string, GroupMonitor>()
  #producer: ClosableProducer | undefined
  #consumer: ClosableConsumer | undefined
  #kafka: Kafka | undefined
  #tickets: ReadTickets | undefined

  constructor(config: ResolvedConfig) {
    this.#config = config
  }

  get producer(): MessageProducer {
    const { logger, meter, delayMs, memory } = this.#config
    if (memory !== undefined) return (this.#producer ??= memory.producer())
    // A write must not wait for longer than its delay messages may be old when it commits.
    const timeoutMs = Math.max(50, Math.min(5_000, Math.floor(delayMs / 5)))
    return (this.#producer ??= new Producer({
      kafka: this.kafka,
      timeoutMs,
      // A topic that Kafka creates by itself has other settings than wanted.
      allowAutoTopicCreation: false,
      logger,
      meter,
    }))
  }

  get consumer(): MessageConsumer {
    const { newKafka, logger, meter, memory } = this.#config
    if (memory !== undefined) return (this.#consumer ??= memory.consumer())
    return (this.#consumer ??= new Consumer({ kafka: newKafka, logger, meter }))
  }

  get tickets(): ReadTickets {
    return (this.#tickets ??= readTickets(this.#config.sequelize))
  }

  /** Shared by all that only produces or asks. */
  get kafka(): Kafka {
    return (this.#kafka ??= this.#config.newKafka())
  }

  /** Watches a consumer group. */
  monitor(topic: string, name: string): GroupMonitor {
    const key = JSON.stringify([topic, name])
    let monitor = this.#monitors.get(key)
    if (monitor === undefined)
      this.#monitors.set(key, (monitor = new GroupMonitor({ kafka: this.kafka, topic, name })))
    return monitor
  }

  /** The steps that close them, in their order. */
  get closing(): readonly Step[] {
    return [
      ['The consumer', () => this.#consumer?.close()],
      [
        'The monitors of groups',
        () => Promise.all(Array.from(this.#monitors.values(), (each) => each.close())),
      ],
      ['The producer', () => this.#producer?.close()],
    ]
  }
}
