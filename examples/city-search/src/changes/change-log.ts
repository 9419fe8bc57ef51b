import type { Change } from './change.ts'

type Listener = () => void

/** The latest changes, newest first. Notifies its subscribers. */
export class ChangeLog {
  readonly #limit: number
  readonly #listeners = new Set<Listener>()
  #changes: readonly Change[] = []
  #lastId = 0

  constructor(limit = 50) {
    this.#limit = limit
  }

  get latest(): readonly Change[] {
    return this.#changes
  }

  add(change: Omit<Change, 'id'>): Change {
    const added = { ...change, id: ++this.#lastId }
    this.#changes = [added, ...this.#changes].slice(0, this.#limit)
    this.#notify()
    return added
  }

  /** Records the progress of a change. Returns false if the change has dropped out of the log and can be ignored. */
  update(id: number, news: Partial<Pick<Change, 'done' | 'indexedMs' | 'healed' | 'searchableMs'>>): boolean {
    if (!this.#changes.some((change) => change.id === id)) return false
    this.#changes = this.#changes.map((change) => (change.id === id ? { ...change, ...news } : change))
    this.#notify()
    return true
  }

  has(id: number): boolean {
    return this.#changes.some((change) => change.id === id)
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
