/**
 * A set of ids, optimized for ascending order, as most queries return them. While ids ascend, each one is new and a
 * list is enough. Adding to a `Set` takes twenty times as long.
 */
export class SeenIds {
  #list: string[] = []
  #last = ''
  #set: Set<string> | undefined

  /** @returns whether the id is new */
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

/** Longer ids come later, so that numbers are in numeric order. */
function isAfter(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}
