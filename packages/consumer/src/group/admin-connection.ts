import { KtError } from '@kt/core'
import type { Admin, Kafka } from 'kafkajs'
import { commitOffsets } from './commit-offsets.ts'
import type { GroupCommit } from './commit-offsets.ts'

/** How long an idle connection is kept open. */
const lingerMs = 10_000

/** An admin client of kafkajs that connects when it is needed, and disconnects some time after. */
export class AdminConnection {
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined
  #open = 0
  #lingering: NodeJS.Timeout | undefined
  #closed = false

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /**
   * Reconnects after a failure: the old connection may have been lost without notice.
   *
   * @throws KtError `KT_CLOSED`, and kafkajs's errors
   */
  async query<T>(query: (admin: Admin) => Promise<T>): Promise<T> {
    // A connection opened now would never be closed.
    if (this.#closed) throw closedError()
    clearTimeout(this.#lingering)
    this.#open += 1
    const admin = (this.#admin ??= this.#connect())
    try {
      return await query(await admin)
    } catch (error) {
      if (this.#admin === admin) this.#admin = undefined
      void admin.then((lost) => lost.disconnect()).catch(() => undefined)
      throw error
    } finally {
      this.#open -= 1
      if (this.#open === 0 && !this.#closed) this.#linger()
    }
  }

  /**
   * Commits offsets of a group that has no members.
   *
   * @throws kafkajs's errors
   */
  commitOffsets(commit: GroupCommit): Promise<void> {
    return commitOffsets(this.#kafka, commit)
  }

  /** Forgets what kafkajs knows about the cluster, such as the numbers of partitions, which it keeps for minutes. */
  renew(): void {
    const old = this.#admin
    this.#admin = undefined
    // Queries that are under way still use it.
    setTimeout(() => void old?.then((admin) => admin.disconnect()).catch(() => undefined), lingerMs).unref()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#lingering)
    await this.#disconnect()
  }

  async #disconnect(): Promise<void> {
    const lost = this.#admin
    this.#admin = undefined
    const admin = await lost?.catch(() => undefined)
    await admin?.disconnect()
  }

  #linger(): void {
    this.#lingering = setTimeout(() => void this.#disconnect().catch(() => undefined), lingerMs).unref()
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin()
    await admin.connect()
    try {
      // Loads the brokers first. Otherwise it takes 300 ms to find a group's coordinator.
      await admin.describeCluster()
    } catch (error) {
      void admin.disconnect().catch(() => undefined)
      throw error
    }
    return admin
  }
}

export function closedError(): KtError {
  return new KtError('KT_CLOSED', 'The worker was closed', { retryable: false })
}
