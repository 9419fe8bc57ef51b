/**
 * Lets one of several tasks work at a time, in a fixed order, while all others wait. So all are measured under the same
 * conditions, even if these change from minute to minute.
 */
export class Turns {
  /** The tasks that have not ended, in their order. */
  readonly #all: number[]
  readonly #waiting = new Map<number, () => void>()

  constructor(count: number) {
    this.#all = Array.from({ length: count }, (_, who) => who)
  }

  /** Calls `go` when it is the turn of `who`. The previous turn of `who` is over by now. */
  ask(who: number, go: () => void): void {
    this.#waiting.set(who, go)
    this.#next(who)
  }

  /** Removes a task that takes no more turns. */
  leave(who: number): void {
    this.#all.splice(this.#all.indexOf(who), 1)
    this.#next(who)
  }

  #next(before: number): void {
    if (this.#waiting.size < this.#all.length) return
    const who = this.#all.find((each) => each > before) ?? this.#all[0]
    if (who === undefined) return
    const go = this.#waiting.get(who)
    this.#waiting.delete(who)
    go?.()
  }
}
