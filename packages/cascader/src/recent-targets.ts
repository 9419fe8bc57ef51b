import { SeenIds } from './seen-ids.ts'

/** Ids by topic. A combined key would be a new string for each target. */
type Generation = Map<string, SeenIds>

/** Remembers the last `limit` / 2 to `limit` targets. */
export class RecentTargets {
  readonly #limit: number
  #recent: Generation = new Map()
  #older: Generation = new Map()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Remembers the target.
   *
   * @returns whether it is new, as far as remembered
   */
  add(topic: string, id: string): boolean {
    if (this.#older.get(topic)?.has(id) === true || !this.#recentOf(topic).add(id)) return false
    this.#size += 1
    if (this.#size > this.#limit / 2) {
      this.#older = this.#recent
      this.#recent = new Map()
      this.#size = 0
    }
    return true
  }

  #recentOf(topic: string): SeenIds {
    let ids = this.#recent.get(topic)
    if (ids === undefined) this.#recent.set(topic, (ids = new SeenIds()))
    return ids
  }
}
