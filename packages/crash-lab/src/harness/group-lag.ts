import kafkajs from 'kafkajs'
import type { Admin, Kafka } from 'kafkajs'
import { quietKafka } from 'testkit'

/** Reads the lag of groups directly from the broker. */
export class GroupLag implements AsyncDisposable {
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined

  constructor(brokers: string[]) {
    this.#kafka = quietKafka({ brokers, requestTimeout: 5_000, retry: { retries: 1 } })
  }

  /** Returns the number of messages in the topic that the group has not committed. */
  async of(groupId: string, topic: string): Promise<number> {
    const { committed, ends } = await this.#ask(async (admin) => {
      const [first] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return { committed: first, ends: await admin.fetchTopicOffsets(topic) }
    })
    const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    const lags = ends.map(({ partition, low, high }) => {
      const at = Math.max(offsets.get(partition) ?? -1, Number(low))
      return Math.max(0, Number(high) - at)
    })
    return lags.reduce((sum, lag) => sum + lag, 0)
  }

  /** Returns the shortest session timeout that the broker allows. */
  async shortestSessionMs(): Promise<number> {
    const name = 'group.min.session.timeout.ms'
    const { resources } = await this.#ask(async (admin) => {
      const { controller, brokers } = await admin.describeCluster()
      const broker = String(controller ?? brokers[0]?.nodeId)
      return admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.BROKER, name: broker, configNames: [name] }],
      })
    })
    return Number(resources[0]?.configEntries[0]?.configValue)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined)
    await admin?.disconnect()
  }

  /** Opens a new connection after a failure, because chaos also breaks connections. */
  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = (this.#admin ??= this.#connect())
    try {
      return await question(await admin)
    } catch (error) {
      if (this.#admin === admin) this.#admin = undefined
      void admin.then((lost) => lost.disconnect()).catch(() => undefined)
      throw error
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin()
    await admin.connect()
    return admin
  }
}
