import { randomUUID } from 'node:crypto'
import { silentLogger } from '@kt/core'
import type { CatchUpOptions, Consumption, Message } from '@kt/core'
import type { Kafka, SeekEntry } from 'kafkajs'
import { Consumer } from '../consumer.ts'
import type { AdminConnection } from '../group/admin-connection.ts'

export interface TopicFollowerOptions {
  readonly kafka: Kafka
  readonly admin: AdminConnection
  readonly topic: string
  /** The beginning of the name of its consumer group. */
  readonly groupPrefix: string
  readonly onMessage: (message: Message) => void
}

/** Reads a topic as it grows. Does so in a consumer group of its own, and keeps it, because joining takes seconds. */
export class TopicFollower {
  readonly #options: TopicFollowerOptions
  readonly #consumer: Consumer
  readonly #group: string
  #worker: Promise<Consumption> | undefined

  constructor(options: TopicFollowerOptions) {
    const { kafka, groupPrefix } = options
    this.#options = options
    this.#group = `${groupPrefix}-${randomUUID()}`
    this.#consumer = new Consumer({ kafka, logger: silentLogger, maxWaitMs: 500 })
  }

  get hasBegun(): boolean {
    return this.#worker !== undefined
  }

  /** Joins the group. Only the first call does, unless it fails. */
  begin(starts: SeekEntry[]): void {
    this.#worker ??= this.#read(starts)
    // Whoever waits gets the error.
    this.#worker.catch(() => undefined)
  }

  /**
   * Resolves when all messages that are in the topic now have been read.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async whenRead(options: CatchUpOptions): Promise<void> {
    await (await this.#worker)?.whenCaughtUp(options)
  }

  async close(): Promise<void> {
    await this.#consumer.close()
    if (this.#worker !== undefined)
      await this.#options.admin.query((admin) => admin.deleteGroups([this.#group])).catch(() => undefined)
  }

  async #read(partitions: SeekEntry[]): Promise<Consumption> {
    const { admin, topic, onMessage } = this.#options
    try {
      await admin.commitOffsets({ groupId: this.#group, topic, partitions })
      return await this.#consumer.consume({ topic, name: this.#group }, async (messages) =>
        messages.forEach(onMessage),
      )
    } catch (error) {
      // The next call begins anew.
      this.#worker = undefined
      throw error
    }
  }
}
