import { randomUUID } from 'node:crypto'
import { silentLogger } from '@kt/core'
import type { CatchUpOptions, Consumption, Message } from '@kt/core'
import type { Kafka, SeekEntry } from 'kafkajs'
import { Consumer } from '../consumer.ts'
import { closedError } from '../group/admin-connection.ts'
import type { AdminConnection } from '../group/admin-connection.ts'

export interface TopicFollowerOptions {
  readonly kafka: Kafka
  readonly admin: AdminConnection
  readonly topic: string
  /** The beginning of the name of its consumer group. */
  readonly groupPrefix: string
  /** Returns where to begin; nothing if there is nothing to read yet. */
  readonly findStarts: () => Promise<SeekEntry[]>
  readonly onMessage: (message: Message) => void
}

/** Reads a topic as it grows. Does so in a consumer group of its own, and stays in it, because joining takes seconds. */
export class TopicFollower {
  readonly #options: TopicFollowerOptions
  readonly #consumer: Consumer
  readonly #group: string
  readonly #closing = new AbortController()
  #mayHaveGroup = false
  #worker: Promise<Consumption> | undefined

  constructor(options: TopicFollowerOptions) {
    const { kafka, groupPrefix } = options
    this.#options = options
    this.#group = `${groupPrefix}-${randomUUID()}`
    this.#consumer = new Consumer({ kafka, logger: silentLogger, maxWaitMs: 500 })
  }

  /**
   * Resolves when all messages that are in the topic now have been read.
   *
   * @returns false if there is nothing to read
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async whenRead(options: CatchUpOptions): Promise<boolean> {
    const worker = await this.join()
    await worker?.whenCaughtUp(options)
    return worker !== undefined
  }

  /**
   * Joins the group, unless there is nothing to read.
   *
   * @throws KtError `KT_CLOSED`, and kafkajs's errors
   */
  async join(): Promise<Consumption | undefined> {
    if (this.#worker === undefined) {
      const starts = await this.#options.findStarts()
      if (starts.length === 0) return undefined
      this.#worker ??= this.#read(starts)
    }
    return this.#worker
  }

  async close(): Promise<void> {
    this.#closing.abort()
    // It ends soon, and its error belongs to those who wait for it.
    await this.#worker?.catch(() => undefined)
    await this.#consumer.close()
    if (this.#mayHaveGroup)
      await this.#options.admin.query((admin) => admin.deleteGroups([this.#group])).catch(() => undefined)
  }

  async #read(partitions: SeekEntry[]): Promise<Consumption> {
    const { admin, topic, onMessage } = this.#options
    const { signal } = this.#closing
    try {
      if (signal.aborted) throw closedError()
      this.#mayHaveGroup = true
      await admin.commitOffsets({ groupId: this.#group, topic, partitions })
      return await this.#consumer.consume({ topic, name: this.#group, signal }, async (messages) =>
        messages.forEach(onMessage),
      )
    } catch (error) {
      // The next call begins anew.
      this.#worker = undefined
      throw error
    }
  }
}
