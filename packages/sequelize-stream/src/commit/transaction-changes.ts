import { randomUUID } from 'node:crypto'
import { KtError } from '@kt/core'
import type { Transaction } from 'sequelize'
import { ChangeLog } from '../changes/change-log.ts'
import type { Change, Destination } from '../changes/change.ts'
import type { OutboxFallback } from '../outbox/outbox-fallback.ts'
import type { CommitContext } from './commit-context.ts'
import { DelayMessages } from './delay-messages.ts'
import type { SentChanges, WrittenTopics } from './sent-changes.ts'
import { isCausedByAbort, isWithin, rolledBackWith } from './transaction-tree.ts'
import type { OpenTransaction } from '../model/untyped.ts'

/** The steps that remain once a transaction may commit. */
interface Ending {
  readonly onCommitted: () => void
  /** Also called when it is unknown whether COMMIT has succeeded. */
  readonly onEnd?: () => void
}

/**
 * Collects the changes of one root transaction, and sends delay messages before COMMIT and instant messages after it.
 */
export class TransactionChanges {
  readonly #root: OpenTransaction
  readonly #context: CommitContext
  readonly #log = new ChangeLog<Transaction>()
  readonly #failures = new Map<Transaction, KtError>()
  /** Watched savepoints. */
  readonly #watched = new Set<Transaction>()
  readonly #delays: DelayMessages
  /** Writes with unfinished statements. */
  readonly #underWay = new Set<Promise<unknown>>()
  #undone = false
  #sent: Promise<SentChanges> | undefined

  constructor(root: OpenTransaction, context: CommitContext) {
    this.#root = root
    this.#context = context
    this.#delays = new DelayMessages(root, context)
    this.#watchRoot()
  }

  /** @param owner the transaction or savepoint that made the change */
  add(owner: Transaction, destination: Destination, change: Change): void {
    this.#watchSavepoints(owner as OpenTransaction)
    this.#log.add(owner, destination, change)
  }

  /**
   * Expects the next statement to make these changes, unless it fails, and no further changes before COMMIT. Their
   * delay messages are sent to Kafka meanwhile. The actual changes must still be added.
   */
  expect<Row>(destination: Destination, rows: readonly Row[], changeOf: (row: Row) => Change): void {
    const log = (): ChangeLog<'expected'> => {
      const made = new ChangeLog<'expected'>()
      for (const row of rows) made.add('expected', destination, changeOf(row))
      return made
    }
    this.#delays.sendEarly({ count: rows.length, log })
  }

  /** Runs a write. COMMIT waits for it, in case the caller doesn't. */
  async run<T>(write: () => Promise<T>): Promise<T> {
    const writing = write()
    this.#underWay.add(writing)
    try {
      return await writing
    } finally {
      this.#underWay.delete(writing)
    }
  }

  /** Prevents the commit, because a change could not be recorded. Rolling back its savepoint lifts this. */
  fail(owner: Transaction, error: KtError): void {
    this.#watchSavepoints(owner as OpenTransaction)
    this.#failures.set(owner, error)
  }

  /**
   * Makes sure that the transaction may commit: all changes were recorded, and Kafka has recent delay messages of them.
   *
   * @returns false if Kafka is away and the outbox has to store the changes right before COMMIT
   * @throws KtError `KT_DELAY_NOT_ACKNOWLEDGED`, or the reason why a change could not be recorded
   */
  async prepare(): Promise<boolean> {
    const [failure] = this.#failures.values()
    if (failure !== undefined) throw failure
    try {
      return await this.#delays.acknowledge(this.#log)
    } catch (cause) {
      if (isCausedByAbort(cause)) throw cause
      this.#context.meter.add('kt_stream_delay_failures_total', 1)
      throw new KtError(
        'KT_DELAY_NOT_ACKNOWLEDGED',
        'Kafka did not acknowledge the delay messages, so the transaction cannot commit',
        { cause, retryable: !(KtError.isInstance(cause) && !cause.retryable) },
      )
    }
  }

  /** @returns the change id of the stored messages */
  async #store(fallback: OutboxFallback): Promise<string> {
    try {
      return await fallback.store(this.#log, this.#root)
    } catch (cause) {
      if (isCausedByAbort(cause)) throw cause
      this.#context.meter.add('kt_stream_delay_failures_total', 1)
      throw new KtError(
        'KT_DELAY_NOT_ACKNOWLEDGED',
        'Kafka is away and the outbox could not store the changes, so the transaction cannot commit; try again later',
        { cause, retryable: true },
      )
    }
  }

  #watchRoot(): void {
    const root = this.#root
    const commit = root.commit.bind(root)
    const rollback = root.rollback.bind(root)
    root.commit = () => this.#commit(commit)
    root.rollback = async () => {
      // Callers may roll back after commit() rejects. They must see the error of commit(), not another one.
      if (this.#undone) return
      await rollback()
      this.#log.clear()
    }
  }

  /** What was sent after COMMIT; undefined if the transaction hasn't committed any changes. */
  get sent(): Promise<SentChanges> | undefined {
    return this.#sent
  }

  /** Whether there are changes, or would be if they could be recorded. */
  get isStreamed(): boolean {
    return !this.#log.isEmpty || this.#failures.size > 0
  }

  async #commit(commit: () => Promise<void>): Promise<void> {
    const root = this.#root
    if ((!this.isStreamed && this.#underWay.size === 0) || root.finished !== undefined) return commit()
    // Sequelize's own commit() sets this too. It refuses later statements, which COMMIT could not wait for.
    root.finished = 'commit'
    if (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    let ending: Ending = { onCommitted: () => undefined }
    try {
      if (this.isStreamed) ending = await this.#makeSafe()
      root.finished = undefined
    } catch (failure) {
      root.finished = undefined
      // PostgreSQL answers COMMIT with a rollback and no error when the caller has ignored a failed statement.
      if (isCausedByAbort(failure)) return commit()
      await root.rollback().catch(() => undefined)
      this.#undone = true
      throw failure
    }
    const { onCommitted, onEnd } = ending
    let isCommitted = false
    const committed = (): void => {
      if (!isCommitted) onCommitted()
      isCommitted = true
    }
    this.#onCleanup(committed)
    try {
      await commit()
      committed()
    } finally {
      onEnd?.()
    }
  }

  /**
   * @returns the steps that remain
   * @throws also PostgreSQL's error when the transaction is aborted and can't be committed
   */
  async #makeSafe(): Promise<Ending> {
    const { instants, fallback } = this.#context
    const isAcknowledged = await this.prepare()
    if (isAcknowledged || fallback === undefined) {
      const changeId = this.#delays.changeId ?? randomUUID()
      return { onCommitted: () => this.#note(changeId, instants.send(this.#log, changeId)) }
    }
    const changeId = await this.#store(fallback)
    const onCommitted = (): void => {
      fallback.committed(this.#log, changeId)
      this.#note(changeId, Promise.resolve(undefined))
    }
    return { onCommitted, onEnd: () => fallback.ended() }
  }

  #note(changeId: string, writing: Promise<WrittenTopics | undefined>): void {
    const { topics } = this.#log
    this.#sent = writing.then((written) => ({ changeId, topics, written }))
    this.#context.tracked.add(this.#sent)
  }

  /**
   * Calls the listener when Sequelize cleans up: right after a successful COMMIT, before user hooks, which may throw or
   * be slow.
   */
  #onCleanup(listener: () => void): void {
    const root = this.#root
    const cleanup = root.cleanup.bind(root)
    root.cleanup = () => {
      cleanup()
      listener()
    }
  }

  #watchSavepoints(owner: OpenTransaction): void {
    for (let each = owner; each.parent && !this.#watched.has(each); each = each.parent) {
      const savepoint = each
      const rollback = savepoint.rollback.bind(savepoint)
      this.#watched.add(savepoint)
      savepoint.rollback = async () => {
        const undone = rolledBackWith(savepoint)
        await rollback()
        if (undone !== undefined) this.#drop(undone)
      }
    }
  }

  #drop(savepoint: Transaction): void {
    this.#log.drop((owner) => isWithin(owner, savepoint))
    for (const owner of this.#failures.keys()) if (isWithin(owner, savepoint)) this.#failures.delete(owner)
  }
}
