import type { ChangeLog } from '../changes/change-log.ts'
import type { CommitContext } from './commit-context.ts'
import type { OpenTransaction } from './open-transaction.ts'

/** How often the delay messages are sent, when each time they were too old before the transaction could commit. */
const maxSends = 3

/** Making so many messages takes longer than Kafka does; the statement should be on its way first. */
const many = 100

/** What will probably be changed. */
export interface ExpectedChanges {
  readonly count: number
  readonly log: () => ChangeLog<unknown>
}

/** The delay messages of a log as it was at one time, on their way to Kafka or there. */
interface Sending {
  readonly log: ChangeLog<unknown>
  /** Of the log. */
  readonly revision: number
  readonly changeId: string
  readonly sentAtMs: number
  /** Resolves with false if Kafka is away, and there is an outbox. */
  readonly taken: Promise<boolean>
}

/** Brings the delay messages of one root transaction to Kafka, so that none of them comes due before COMMIT. */
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

  /** That of the messages that were sent last. */
  get changeId(): string | undefined {
    return this.#sending?.changeId
  }

  /**
   * Begins to send what will probably be the messages of the transaction. Nobody waits for them before `acknowledge`,
   * and if it turns out otherwise, nobody at all: a message too many does no harm.
   */
  sendEarly({ count, log }: ExpectedChanges): void {
    if (this.#isKafkaAway) return
    const send = (): void => void this.#send(log())
    if (count < many) send()
    else this.#early = setImmediate(send)
  }

  /**
   * Resolves when Kafka has the messages of this log, sent just now: early, or by this call.
   *
   * @returns false if Kafka is away, and the outbox has to take the changes
   */
  async acknowledge(log: ChangeLog<unknown>): Promise<boolean> {
    const { guard, maxAgeMs } = this.#context
    clearImmediate(this.#early)
    for (let sends = 0; ; sends++) {
      let sending = this.#sending
      if (sending === undefined || !this.#isFresh(sending) || !isOf(sending, log)) {
        if (sends === maxSends) throw new Error(`Kafka took longer than ${maxAgeMs} ms to acknowledge`)
        // What is stored does not come due: the transaction may idle as long as its owner lets it.
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

  /** However long the statement took, or Kafka: their age counts from before they were sent. */
  #isFresh({ sentAtMs }: Pick<Sending, 'sentAtMs'>): boolean {
    return performance.now() - sentAtMs <= this.#context.maxAgeMs
  }

  /**
   * They carry new change ids each time that they are sent: one that came due before COMMIT must not pass for the
   * change that is committed later. By its beginning a Delayer finds out whether the transaction is open.
   */
  #send(log: ChangeLog<unknown>): Sending {
    const { sender, fallback } = this.#context
    const changeId = `${this.#root.id}.${this.#sends++}`
    const sentAtMs = performance.now()
    const taken = (fallback ?? sender).sendDelays({ log, changeId })
    const sending = { log, revision: log.revision, changeId, sentAtMs, taken }
    // Who comes later sends again, and who waits for it hears of it.
    const forget = (): void => {
      if (this.#sending === sending) this.#sending = undefined
    }
    void taken.then((isTaken) => isTaken || forget(), forget)
    this.#sending = sending
    return sending
  }
}

/** Whether these are the messages that the log makes now. */
function isOf(sending: Sending, log: ChangeLog<unknown>): boolean {
  return sending.log === log ? sending.revision === log.revision : sending.log.isSameAs(log)
}
