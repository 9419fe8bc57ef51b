import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Admin } from 'kafkajs'
import { claimPort, freePort } from '../process/free-ports.ts'
import { waitFor } from '../wait-for.ts'
import type { KafkaLayout } from './kafka-broker.ts'
import { KafkaBroker } from './kafka-broker.ts'
import { quietKafka } from './quiet-kafka.ts'
import type { SecuredListener } from './secured-listener.ts'
import type { JavaServiceOptions, Service } from './service.ts'

export interface KafkaClusterOptions extends JavaServiceOptions {
  /**
   * With 3, topics have three replicas, two of which must be in sync, so that one broker may fail.
   *
   * @defaultValue 1
   */
  readonly brokers?: 1 | 3
  /**
   * The port of the first broker, for a cluster with a fixed address.
   *
   * @defaultValue a free one
   */
  readonly port?: number
  /** Adds a listener to each broker that requires TLS with SASL. */
  readonly secured?: SecuredListener
  /** Additional lines for `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Apache Kafka in KRaft mode. Each node is both broker and controller. */
export class KafkaCluster implements Service {
  /** The brokers, to be stopped one at a time. */
  readonly nodes: readonly KafkaBroker[]
  readonly #options: KafkaClusterOptions
  #layout: Promise<KafkaLayout> | undefined

  constructor(options: KafkaClusterOptions = {}) {
    this.#options = options
    const { brokers: count = 1, persistent, properties = {}, secured } = options
    this.nodes = Array.from({ length: count }, (_, index) => {
      const nodeId = index + 1
      return new KafkaBroker(count === 1 ? 'Kafka' : `Kafka ${nodeId}`, {
        ...options,
        nodeId,
        properties,
        secured,
        layout: () => (this.#layout ??= this.#planLayout()),
        ...(persistent !== undefined && { persistent: join(persistent, `node-${nodeId}`) }),
      })
    })
  }

  /** `host:port` of every broker. Known from the first start on. */
  get brokers(): string[] {
    return this.nodes.map(({ address }) => address)
  }

  /** `host:port` of every broker's secured listener. */
  get securedBrokers(): string[] {
    return this.nodes.map(({ securedAddress }) => securedAddress)
  }

  async start(signal?: AbortSignal): Promise<void> {
    await this.#all((node) => node.start(signal))
    await this.#warmUp(signal)
  }

  async stop(): Promise<void> {
    await this.#all((node) => node.stop())
  }

  async kill(): Promise<void> {
    await this.#all((node) => node.kill())
  }

  pause(): void {
    for (const node of this.nodes) node.pause()
  }

  resume(): void {
    for (const node of this.nodes) node.resume()
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.stop()
    await this.start(signal)
  }

  async close(): Promise<void> {
    await this.#all((node) => node.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Returns the current leader of the partition, for example to kill it. */
  async leaderOf(topic: string, partition = 0): Promise<KafkaBroker> {
    const { topics } = await this.#ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)
    const node = this.nodes.find(({ nodeId }) => nodeId === found?.leader)
    if (node === undefined) throw new Error(`Partition ${partition} of ${topic} has no leader`)
    return node
  }

  /** Makes Kafka create its offsets topic now, so that the first consumer does not wait for it. */
  async #warmUp(signal: AbortSignal | undefined): Promise<void> {
    const groups = Array.from({ length: 10 }, (_, index) => `warm-up-${index}`)
    await waitFor(() => this.#ask((admin) => admin.describeGroups(groups)), {
      signal,
      what: 'A group coordinator',
    })
  }

  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = quietKafka({ brokers: this.brokers }).admin()
    await admin.connect()
    try {
      return await question(admin)
    } finally {
      await admin.disconnect()
    }
  }

  async #all(act: (node: KafkaBroker) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.nodes.map(act))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async #planLayout(): Promise<KafkaLayout> {
    const { persistent, port, secured } = this.#options
    const nodes = this.nodes.map(async (_, index) => ({
      broker: await claimPort(port === undefined ? undefined : port + index),
      controller: await freePort(),
      ...(secured && { secured: await freePort() }),
    }))
    return { nodes: await Promise.all(nodes), clusterId: await this.#clusterId(persistent) }
  }

  /** Reads or creates the cluster's id. Kept data belong to the cluster with their id. */
  async #clusterId(persistent: string | undefined): Promise<string> {
    // The formatting tool would take a leading dash for an option.
    const fresh = randomBytes(16).toString('base64url').replace(/^-/, 'A')
    if (persistent === undefined) return fresh
    await mkdir(persistent, { recursive: true })
    const file = join(persistent, 'cluster-id')
    // 'wx' fails if the file exists. The existing id is then used.
    await writeFile(file, fresh, { flag: 'wx' }).catch(() => undefined)
    return readFile(file, 'utf8')
  }
}
