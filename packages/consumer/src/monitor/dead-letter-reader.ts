import { randomUUID } from 'node:crypto'
import { deadLetterTopic, headerNames, silentLogger } from '@kt/core'
import type { CatchUpOptions, Consumption, Message } from '@kt/core'
import type { Admin, Kafka, SeekEntry } from 'kafkajs'
import { Consumer } from '../consumer.ts'
import type { AdminConnection } from '../group/admin-connection.ts'

/** So many change ids are remembered. */
const remembered = 100_000

interface Given {
  /** The messages' own change ids begin with these. */
  readonly changeIds: readonly string[]
  /** The changes have no older dead letters. */
  readonly sinceMs: number
}

/** A worker that reads the dead letters from a time on. */
interface Reading {
  readonly sinceMs: number
  readonly changeIds: Set<string>
  readonly name: string
  readonly worker: Promise<Consumption>
}

/**
 * Finds out whether messages of a topic have become dead letters. Reads none as long as there are none. From the first
 * one on, it follows the dead-letter topic, in a consumer group of its own, because joining a group takes seconds.
 */
export class DeadLetterReader {
  readonly #topic: string
  readonly #consumer: Consumer
  readonly #admin: AdminConnection
  #exists = false
  /** What the last look has shown: up to these ends there is no dead letter since that time. */
  #clean: { readonly sinceMs: number; readonly ends: string } | undefined
  #reading: Reading | undefined

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#topic = deadLetterTopic(topic)
    this.#consumer = new Consumer({ kafka, logger: silentLogger, maxWaitMs: 500 })
    this.#admin = admin
  }

  /**
   * Whether a message about one of the changes has become a dead letter.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async includes({ changeIds, sinceMs }: Given, options: CatchUpOptions): Promise<boolean> {
    if (this.#reading !== undefined && this.#reading.sinceMs > sinceMs) await this.#stop(this.#reading)
    if (this.#reading === undefined) {
      const starts = await this.#admin.query((admin) => this.#since(admin, sinceMs))
      if (starts.length === 0) return false
      this.#reading ??= this.#read(starts, sinceMs)
    }
    const { worker, changeIds: found } = this.#reading
    await (await worker).whenCaughtUp(options)
    return [...found].some((letter) => changeIds.some((each) => letter.startsWith(`${each}.`)))
  }

  async close(): Promise<void> {
    if (this.#reading !== undefined) await this.#stop(this.#reading)
    await this.#consumer.close()
  }

  /** Returns the offsets in all partitions if one of them has messages of that time. */
  async #since(admin: Admin, sinceMs: number): Promise<SeekEntry[]> {
    this.#exists ||= (await admin.listTopics()).includes(this.#topic)
    if (!this.#exists) return []
    const partitions = await admin.fetchTopicOffsets(this.#topic)
    const ends = JSON.stringify(partitions.map(({ partition, high }) => [partition, high]))
    if (this.#clean?.ends === ends && this.#clean.sinceMs <= sinceMs) return []
    const starts = await admin.fetchTopicOffsetsByTimestamp(this.#topic, sinceMs)
    const startOf = new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]))
    if (partitions.some(({ partition, high }) => (startOf.get(partition) ?? 0n) < BigInt(high))) return starts
    this.#clean = { sinceMs, ends }
    return []
  }

  #read(partitions: SeekEntry[], sinceMs: number): Reading {
    const name = `kt-dead-letters-${randomUUID()}`
    const changeIds = new Set<string>()
    const worker = this.#begin(name, partitions, changeIds)
    const reading: Reading = { sinceMs, changeIds, name, worker }
    // The next call begins anew.
    worker.catch(() => void (this.#reading === reading && (this.#reading = undefined)))
    return reading
  }

  async #begin(name: string, partitions: SeekEntry[], changeIds: Set<string>): Promise<Consumption> {
    const topic = this.#topic
    await this.#admin.query((admin) => admin.setOffsets({ groupId: name, topic, partitions }))
    return this.#consumer.consume({ topic, name }, async (letters) => remember(changeIds, letters))
  }

  async #stop(reading: Reading): Promise<void> {
    if (this.#reading === reading) this.#reading = undefined
    const worker = await reading.worker.catch(() => undefined)
    await worker?.close()
    await this.#admin.query((admin) => admin.deleteGroups([reading.name])).catch(() => undefined)
  }
}

function remember(changeIds: Set<string>, letters: readonly Message[]): void {
  for (const { headers } of letters) {
    const changeId = headers[headerNames.changeId]
    if (changeId !== undefined) changeIds.add(changeId)
  }
  for (const oldest of changeIds) {
    if (changeIds.size <= remembered) return
    changeIds.delete(oldest)
  }
}
