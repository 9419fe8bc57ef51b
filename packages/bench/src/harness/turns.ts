/**
 * Lets one of several be at work at a time, in a fixed order, and only when all others wait: what is measured so is
 * measured under the same circumstances, however these change from minute to minute.
 */
export class Turns {
  /** Those that have not ended, in their order. */
  readonly #all: number[]
  readonly #waiting = new Map<number, () => void>()

  constructor(count: number) {
    this.#all = Array.from({ length: count }, (_, who) => who)
  }

  /** Calls `go` when it is the turn of `who`, whose turn before that is over by now. */
  ask(who: number, go: () => void): void {
    this.#waiting.set(who, go)
    this.#next(who)
  }

  /** This one takes no more turns. */
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
