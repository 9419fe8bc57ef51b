import type { PendingCall } from './pending-call.ts'

/** Ends the calls that have waited too long, with one timer for all of them. */
export class Deadlines {
  readonly #timeoutMs: number
  readonly #onExpired: (call: PendingCall) => void
  /** All calls have the same time, so in the order of their start, or last renewal, they are also ordered by deadline. */
  readonly #deadlines = new Map<PendingCall, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, onExpired: (call: PendingCall) => void) {
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  /** Gives the call its whole time, anew if it had some already. */
  start(call: PendingCall): void {
    this.#deadlines.delete(call)
    this.#deadlines.set(call, performance.now() + this.#timeoutMs)
    this.#timer ??= setTimeout(() => this.#expire(), this.#timeoutMs)
  }

  stop(call: PendingCall): void {
    this.#deadlines.delete(call)
    if (this.#deadlines.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The calls whose time runs. */
  open(): readonly PendingCall[] {
    return [...this.#deadlines.keys()]
  }

  #expire(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const [call, deadline] of this.#deadlines) {
      if (deadline > now) {
        this.#timer = setTimeout(() => this.#expire(), Math.ceil(deadline - now))
        return
      }
      this.#deadlines.delete(call)
      this.#onExpired(call)
    }
  }
}
