import type { KtError } from '@kt/core'

/** What one call of a user sends to one topic: settles when all of it is acknowledged, or the first of it fails. */
export class PendingCall {
  readonly topic: string
  startedAtMs = 0
  readonly promise: Promise<void>
  settled = false
  /** When `Deadlines` ends it, and its neighbours there. */
  deadlineMs = 0
  previous: PendingCall | undefined
  next: PendingCall | undefined
  /** Messages without an acknowledgement. */
  #unacknowledged = 0
  #resolve!: () => void
  #reject!: (error: KtError) => void

  constructor(topic: string) {
    this.topic = topic
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  expectOneMore(): void {
    this.#unacknowledged += 1
  }

  acknowledgeOne(): void {
    this.#unacknowledged -= 1
    if (this.#unacknowledged > 0 || this.settled) return
    this.settled = true
    this.#resolve()
  }

  fail(error: KtError): void {
    if (this.settled) return
    this.settled = true
    this.#reject(error)
  }
}
