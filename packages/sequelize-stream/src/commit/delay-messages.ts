import type { ChangeLog } from '../changes/change-log.ts'
import type { CommitContext } from './commit-context.ts'
import type { OpenTransaction } from '../model/untyped.ts'

/** Number of times that the delay messages are sent when each time they became too old before COMMIT. */
const maxSends = 3

/** Building this many messages takes longer than Kafka does, so the statement should be sent first. */
const many = 100

/** The changes that a statement will probably make. */
export interface ExpectedChanges {
  readonly count: number
  readonly log: () => ChangeLog<unknown>
}

/** The delay messages of a log at one revision, sent or being sent. */
interface Sending {
  readonly log: ChangeLog<unknown>
  /** The revision of the log. */
  readonly revision: number
  readonly changeId: string
  readonly sentAtMs: number
  /** Resolves with false if Kafka is away and there is an outbox. */
  readonly taken: Promise<boolean>
}

/** Sends the delay messages of one root transaction, so that none of them comes due before COMMIT. */
export class DelayMessages {
  readonly #root: OpenTransaction
  readonly #context: CommitContext
  #sending: Sending | undefined
  #sends = 0
  #early: NodeJS.Immediate | undefined

  constructor(root: OpenTransaction, context: CommitContext) {
    this.#root = root
    this.#context = context
  }

  /** The change id of the messages that were sent last. */
  get changeId(): string | undefined {
    return this.#sending?.changeId
  }

  /**
   * Starts sending the transaction's expected messages. Nothing waits for them before `acknowledge`, and if other
   * changes follow, nothing ever does. A superfluous message does no harm.
   */
  sendEarly({ count, log }: ExpectedChanges): void {
    if (this.#isKafkaAway) return
    const send = (): void => void this.#send(log())
    if (count < many) send()
    else this.#early = setImmediate(send)
  }

  /**
   * Resolves when Kafka has recent messages of this log, sent early or by this call.
   *
   * @returns false if Kafka is away and the outbox has to store the changes
   */
  async acknowledge(log: ChangeLog<unknown>): Promise<boolean> {
    const { guard, maxAgeMs } = this.#context
    clearImmediate(this.#early)
    for (let sends = 0; ; sends++) {
      let sending = this.#sending
      if (sending === undefined || !this.#isFresh(sending) || !isOf(sending, log)) {
        if (sends === maxSends)
          throw new Error(
            `Kafka did not acknowledge the delay messages within ${maxAgeMs} ms, a quarter of "delayMs", in ${maxSends} attempts`,
          )
        // Changes in the outbox don't come due, so the transaction may idle for as long as its owner allows.
        if (this.#isKafkaAway) return false
        sending = this.#send(log)
      }
      if (!guard.isGuarded(this.#root)) await Promise.all([sending.taken, guard.guard(this.#root)])
      if (!(await sending.taken)) return false
      if (this.#isFresh(sending)) return true
    }
  }

  get #isKafkaAway(): boolean {
    const { fallback } = this.#context
    return fallback !== undefined && fallback.circuit !== 'closed'
  }

  /**
   * Whether the messages are recent enough, however long the statement or Kafka took. Their age counts from before they
   * were sent.
   */
  #isFresh({ sentAtMs }: Pick<Sending, 'sentAtMs'>): boolean {
    return performance.now() - sentAtMs <= this.#context.maxAgeMs
  }

  /**
   * Sends the messages with new change ids each time. A message that came due before COMMIT must not pass for the
   * change that is committed later. The first part of the id lets a Delayer find out whether the transaction is open.
   */
  #send(log: ChangeLog<unknown>): Sending {
    const { sender, fallback } = this.#context
    const changeId = `${this.#root.id}.${this.#sends++}`
    const sentAtMs = performance.now()
    const taken = (fallback ?? sender).sendDelays({ log, changeId })
    const sending = { log, revision: log.revision, changeId, sentAtMs, taken }
    // Later calls then send again, and current waiters get the error.
    const forget = (): void => {
      if (this.#sending === sending) this.#sending = undefined
    }
    void taken.then((isTaken) => isTaken || forget(), forget)
    this.#sending = sending
    return sending
  }
}

/** Whether the log would now produce exactly these messages. */
function isOf(sending: Sending, log: ChangeLog<unknown>): boolean {
  return sending.log === log ? sending.revision === log.revision : sending.log.isSameAs(log)
}
