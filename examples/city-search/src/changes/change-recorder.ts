import type { Sync } from '@kt/sync'
import type { Model, Transaction } from 'sequelize'
import { saveWithoutInstant } from '../demo/save-without-instant.ts'
import { settings } from '../settings.ts'
import type { Change } from './change.ts'
import { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'
import { followChange } from './follow-change.ts'
import type { LostChange } from './is-healed.ts'
import { timedWrite } from './timed-write.ts'
import type { TimedWrite } from './timed-write.ts'

/** Saves a record in the transaction of the write. */
type Save = (record: Model) => Promise<void>

export interface RecordedWrite<T> extends TimedWrite<T> {
  /** When its delay message was sent, on the clock of `performance.now()`. Only set if its instant message was lost. */
  readonly delaySentAtMs?: number
}

export interface Recording
  extends Pick<Change, 'kind' | 'record' | 'title' | 'total'>, Omit<RecordedWrite<unknown>, 'result'> {
  readonly state: DocumentState
}

/** Makes writes, and records when each reaches the index. */
export class ChangeRecorder {
  readonly log = new ChangeLog()
  readonly #sync: Sync
  readonly #closed = new AbortController()
  readonly #following = new Set<Promise<void>>()

  constructor(sync: Sync) {
    this.#sync = sync
  }

  /** @param losesInstant makes the write as if the process had died right after the commit */
  async write<T>(
    write: (transaction: Transaction, save: Save) => Promise<T>,
    losesInstant = false,
  ): Promise<RecordedWrite<T>> {
    let delaySentAtMs: number | undefined
    const timed = await timedWrite((transaction) =>
      write(transaction, async (record) => {
        if (losesInstant) delaySentAtMs = await saveWithoutInstant(this.#sync, record, transaction)
        else await record.save({ transaction })
      }),
    )
    return { ...timed, ...(delaySentAtMs !== undefined && { delaySentAtMs }) }
  }

  record({ kind, record, title, total, committedAtMs, delaySentAtMs, state }: Recording): Change {
    const committedAt = Math.round(performance.timeOrigin + committedAtMs)
    // The delay counts from when the delay message was sent, which is before the commit.
    const lost: LostChange | undefined =
      delaySentAtMs === undefined ? undefined : { dueMs: delaySentAtMs + settings.delayMs - committedAtMs }
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
}
