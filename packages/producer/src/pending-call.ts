import { AsyncResource } from 'node:async_hooks'
import { runningClock } from '@kt/core/internal'
import type { KtError, WrittenRanges } from '@kt/core'

/**
 * The messages that one call sends to one topic. Settles when all of them are acknowledged, or when the first one
 * fails.
 */
export class PendingCall {
  readonly startedAtMs: number = performance.now()
  /** The start of the call on the running clock. */
  readonly runsSinceMs: number
  readonly promise: Promise<void>
  /** Called for each acknowledged request with messages of this call. */
  readonly onWritten: ((ranges: WrittenRanges) => void) | undefined
  readonly #context = new AsyncResource('kt.produce')
  readonly #onTimeout: () => void
  #timer: NodeJS.Timeout
  #unacknowledged: number
  #settled = false
  #resolve!: () => void
  #reject!: (error: KtError) => void

  /** @param onTimeout called after `timeoutMs`; may call `waitAnother` */
  constructor(
    messages: number,
    timeoutMs: number,
    onTimeout: () => void,
    onWritten: ((ranges: WrittenRanges) => void) | undefined,
  ) {
    runningClock.use()
    this.runsSinceMs = runningClock.now()
    this.#unacknowledged = messages
    this.#onTimeout = onTimeout
    this.onWritten = onWritten
    this.#timer = setTimeout(onTimeout, timeoutMs)
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Runs `work` in the caller's asynchronous context, where APM agents find its trace. */
  inContext<T>(work: () => T): T {
    return this.#context.runInAsyncScope(work)
  }

  waitAnother(ms: number): void {
    if (!this.#settled) this.#timer = setTimeout(this.#onTimeout, ms)
  }

  /** Reports that another of its messages is acknowledged. */
  acknowledge(): void {
    if (this.#settled) return
    this.#unacknowledged -= 1
    if (this.#unacknowledged > 0) return
    this.#settle()
    this.#resolve()
  }

  fail(error: KtError): void {
    if (this.#settled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    clearTimeout(this.#timer)
    runningClock.release()
  }
}
