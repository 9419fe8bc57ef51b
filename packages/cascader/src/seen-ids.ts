/**
 * A set of ids. They mostly come in ascending order, as a query gives them: for as long as they do, none can have come
 * before, and a list will do. A `Set` takes twenty times as long to add one.
 */
export class SeenIds {
  #list: string[] = []
  #last = ''
  #set: Set<string> | undefined

  /** Returns whether the id is new. */
  add(id: string): boolean {
    if (this.has(id)) return false
    if (this.#set === undefined) {
      this.#list.push(id)
      this.#last = id
    } else this.#set.add(id)
    return true
  }

  has(id: string): boolean {
    if (this.#set === undefined) {
      if (isAfter(id, this.#last)) return false
      this.#set = new Set(this.#list)
      this.#list = []
    }
    return this.#set.has(id)
  }
}

/** The longer is the later, so that this is the order of numbers, too. */
function isAfter(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}
