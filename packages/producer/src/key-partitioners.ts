import { within } from '@kt/core/internal'
import type { KeyPartitioner } from '@kt/core'
// Use the default export, because kafkajs as an ES module lacks some named exports.
import kafkajs from 'kafkajs'
import type { PartitionMetadata } from 'kafkajs'
import type { ResolvedProducerOptions } from './options.ts'
import { lookUpFailed, timeoutError } from './produce-error.ts'

/** The time for which kafkajs itself caches a topic's metadata. */
const maxAgeMs = 300_000

/** Looks up the partitions of topics, and caches them for five minutes. */
export class KeyPartitioners {
  readonly #options: ResolvedProducerOptions
  readonly #known = new Map<string, { partitioner: Promise<KeyPartitioner>; expiresAtMs: number }>()

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
  }

  /** @throws KtError when Kafka does not answer in time, or doesn't know the topic */
  of(topic: string): Promise<KeyPartitioner> {
    const known = this.#known.get(topic)
    if (known !== undefined && known.expiresAtMs > performance.now()) return known.partitioner
    const partitioner = this.#lookUp(topic).catch((error: unknown) => {
      this.forget(topic)
      throw lookUpFailed(topic, error)
    })
    this.#known.set(topic, { partitioner, expiresAtMs: performance.now() + maxAgeMs })
    return partitioner
  }

  /** Makes the next call look the topic up again. */
  forget(topic: string): void {
    this.#known.delete(topic)
  }

  async #lookUp(topic: string): Promise<KeyPartitioner> {
    const { timeoutMs } = this.#options
    const partitionMetadata = await within(timeoutMs, this.#fetchPartitions(topic), () =>
      timeoutError('Kafka did not answer', timeoutMs),
    )
    const choose = kafkajs.Partitioners.DefaultPartitioner()
    return (key) => choose({ topic, partitionMetadata, message: { key, value: null } })
  }

  async #fetchPartitions(topic: string): Promise<PartitionMetadata[]> {
    const admin = this.#options.kafka.admin()
    try {
      await admin.connect()
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
      if (partitions.length === 0) throw new Error('Kafka returned no partition')
      return partitions
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
}
