import kafkajs from 'kafkajs'
import type { Admin, Kafka } from 'kafkajs'

/** Asks the broker, and nobody else, how far groups are behind. */
export class GroupLag implements AsyncDisposable {
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(kafka: Kafka) {
    this.#admin = kafka.admin()
  }

  /** The messages of the topic that the group has not committed. */
  async of(groupId: string, topic: string): Promise<number> {
    await (this.#connected ??= this.#admin.connect())
    const [committed] = await this.#admin.fetchOffsets({ groupId, topics: [topic] })
    const ends = await this.#admin.fetchTopicOffsets(topic)
    const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    const lags = ends.map(({ partition, low, high }) => {
      const at = Math.max(offsets.get(partition) ?? -1, Number(low))
      return Math.max(0, Number(high) - at)
    })
    return lags.reduce((sum, lag) => sum + lag, 0)
  }

  /** The shortest session time-out that the broker allows its groups. */
  async shortestSessionMs(): Promise<number> {
    await (this.#connected ??= this.#admin.connect())
    const { controller, brokers } = await this.#admin.describeCluster()
    const broker = String(controller ?? brokers[0]?.nodeId)
    const name = 'group.min.session.timeout.ms'
    const { resources } = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.BROKER, name: broker, configNames: [name] }],
    })
    return Number(resources[0]?.configEntries[0]?.configValue)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connected !== undefined) await this.#admin.disconnect()
  }
}
