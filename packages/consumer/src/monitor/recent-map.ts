/** A map that forgets its oldest entries. At least the last `capacity / 2` are there. */
export class RecentMap<Value> {
  readonly #half: number
  // Two generations, because deleting the oldest of one Map is slow: finding it skips all entries deleted before.
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
