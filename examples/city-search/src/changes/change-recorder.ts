import type { Connections } from '../connections.ts'
import type { Change } from './change.ts'
import { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'
import { followChange } from './follow-change.ts'
import { timedWrite } from './timed-write.ts'
import type { TimedWrite } from './timed-write.ts'
import type { Transaction } from 'sequelize'

export interface Recording extends Pick<Change, 'kind' | 'title' | 'total'> {
  readonly committedAtMs: number
  readonly state: DocumentState
  readonly losesInstant?: boolean
}

/** Makes writes, and records when each reaches the index. */
export class ChangeRecorder {
  readonly log = new ChangeLog()
  readonly #connections: Connections
  readonly #closed = new AbortController()
  readonly #following = new Set<Promise<void>>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** @param losesInstant makes the write as if the process had died right after the commit */
  write<T>(write: (transaction: Transaction) => Promise<T>, losesInstant = false): Promise<TimedWrite<T>> {
    const { sequelize, lossyProducer } = this.#connections
    const run = (): Promise<TimedWrite<T>> => timedWrite(sequelize, write)
    return losesInstant ? lossyProducer.losingInstantMessages(run) : run()
  }

  record({ kind, title, total, committedAtMs, state, losesInstant = false }: Recording): Change {
    const committedAt = Math.round(performance.timeOrigin + committedAtMs)
    const change = this.log.add({
      kind,
      title,
      committedAt,
      done: 0,
      total,
      ...(losesInstant && { dueAt: committedAt + this.#connections.config.delayMs }),
    })
    const following = followChange(change, committedAtMs, state, {
      log: this.log,
      signal: this.#closed.signal,
    }).finally(() => this.#following.delete(following))
    this.#following.add(following)
    return change
  }

  /** Stops recording. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all(this.#following)
  }
}
