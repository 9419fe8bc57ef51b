import type { PendingCall } from './pending-call.ts'

/**
 * Ends the calls that have waited too long, with one timer for all of them.
 *
 * All calls have the same time, so in the order of their start, or last renewal, they are also ordered by deadline. They
 * are linked rather than kept in a Map: one in which entries come and go leaves old tables behind that refer to each
 * other, and through them V8's young collections keep all that the calls refer to.
 */
export class Deadlines {
  readonly #timeoutMs: number
  readonly #onExpired: (call: PendingCall) => void
  #first: PendingCall | undefined
  #last: PendingCall | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, onExpired: (call: PendingCall) => void) {
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  /** Gives the call its whole time, anew if it had some already. */
  start(call: PendingCall): void {
    this.#unlink(call)
    call.deadlineMs = performance.now() + this.#timeoutMs
    call.previous = this.#last
    if (this.#last === undefined) this.#first = call
    else this.#last.next = call
    this.#last = call
    this.#timer ??= setTimeout(() => this.#expire(), this.#timeoutMs)
  }

  stop(call: PendingCall): void {
    this.#unlink(call)
    if (this.#first !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The calls whose time runs. */
  *open(): Generator<PendingCall> {
    for (let call = this.#first; call !== undefined; call = call.next) yield call
  }

  #unlink(call: PendingCall): void {
    const { previous, next } = call
    if (previous !== undefined) previous.next = next
    else if (this.#first === call) this.#first = next
    if (next !== undefined) next.previous = previous
    else if (this.#last === call) this.#last = previous
    call.previous = call.next = undefined
  }

  #expire(): void {
    this.#timer = undefined
    const now = performance.now()
    for (let call = this.#first; call !== undefined; call = this.#first) {
      if (call.deadlineMs > now) {
        this.#timer = setTimeout(() => this.#expire(), Math.ceil(call.deadlineMs - now))
        return
      }
      this.#unlink(call)
      this.#onExpired(call)
    }
  }
}
