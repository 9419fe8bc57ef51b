import type { Topology } from '@kt/sync'
import { Kafka, logLevel } from 'kafkajs'
import type { Admin, KafkaConfig } from 'kafkajs'
import { settings } from '../settings.ts'

/** The time that the Delayer may take to re-send a due message. */
const graceMs = 1_000

/** Counts the delay messages that were due a second ago, and that the Delayer has not re-sent yet. */
export class OverdueMessages {
  readonly #topology: Topology
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(kafka: KafkaConfig, topology: Topology) {
    this.#topology = topology
    this.#admin = new Kafka({ ...kafka, logLevel: logLevel.NOTHING }).admin()
  }

  /** @throws the errors of kafkajs while Kafka is down */
  async count(): Promise<number> {
    await this.#connect()
    const { delayTopic: topic, delayGroup: groupId } = this.#topology
    const [firstWaiting, committed] = await Promise.all([
      this.#admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - settings.delayMs - graceMs),
      this.#admin.fetchOffsets({ groupId, topics: [topic] }),
    ])
    const positions = new Map(committed[0]?.partitions.map((each) => [each.partition, Number(each.offset)]))
    // A group that has committed nothing yet has position −1.
    const overdue = firstWaiting.map(({ partition, offset }) =>
      Math.max(0, Number(offset) - Math.max(0, positions.get(partition) ?? 0)),
    )
    return overdue.reduce((all, each) => all + each, 0)
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }

  async #connect(): Promise<void> {
    this.#connected ??= this.#admin.connect()
    await this.#connected.catch((error: unknown) => {
      this.#connected = undefined
      throw error
    })
  }
}
