import type { Connections } from '../connections.ts'
import type { Change } from './change.ts'
import { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'
import { followChange } from './follow-change.ts'
import type { LostChange } from './is-healed.ts'
import { timedWrite } from './timed-write.ts'
import type { TimedWrite } from './timed-write.ts'
import type { Transaction } from 'sequelize'

export interface Recording
  extends
    Pick<Change, 'kind' | 'record' | 'title' | 'total'>,
    Pick<TimedWrite<unknown>, 'committedAtMs' | 'loss'> {
  readonly state: DocumentState
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
  async write<T>(
    write: (transaction: Transaction) => Promise<T>,
    losesInstant = false,
  ): Promise<TimedWrite<T>> {
    const { sequelize, lossyProducer } = this.#connections
    if (!losesInstant) return timedWrite(sequelize, write)
    const { result, loss } = await lossyProducer.losingInstantMessages(() => timedWrite(sequelize, write))
    return { ...result, loss }
  }

  record({ kind, record, title, total, committedAtMs, loss, state }: Recording): Change {
    const committedAt = Math.round(performance.timeOrigin + committedAtMs)
    const lost = this.#lost(committedAtMs, loss)
    const change = this.log.add({
      kind,
      record,
      title,
      committedAt,
      done: 0,
      total,
      ...(lost && { dueAt: Math.round(committedAt + lost.dueMs) }),
    })
    const following = followChange(change, committedAtMs, state, {
      log: this.log,
      signal: this.#closed.signal,
      lost,
    }).finally(() => this.#following.delete(following))
    this.#following.add(following)
    return change
  }

  /** Stops recording. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all(this.#following)
  }

  /** The delay counts from when the delay message was sent, which is before the commit. */
  #lost(committedAtMs: number, loss: Recording['loss']): LostChange | undefined {
    if (loss?.delaySentAtMs === undefined) return undefined
    const dueMs = loss.delaySentAtMs + this.#connections.config.delayMs - committedAtMs
    return { loss, dueMs }
  }
}
