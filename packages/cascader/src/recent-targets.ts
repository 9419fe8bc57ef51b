/** Remembers between `limit` / 2 and `limit` of the targets that it met last. */
export class RecentTargets {
  readonly #limit: number
  #recent = new Set<string>()
  #older = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether the target is new, as far as remembered; it isn't from now on. */
  add(topic: string, id: string): boolean {
    const key = `${topic} ${id}`
    if (this.#recent.has(key) || this.#older.has(key)) return false
    this.#recent.add(key)
    if (this.#recent.size > this.#limit / 2) {
      this.#older = this.#recent
      this.#recent = new Set()
    }
    return true
  }
}
