import { headerNames } from '@kt/core'
import type { Message } from '@kt/core'

/** In a chain, says that nobody follows the message further. */
const end = '*'

/**
 * The Cascaders that a message has passed. A message that comes from a changed record itself has an empty chain.
 */
export class Chain {
  readonly #names: readonly string[]

  private constructor(names: readonly string[]) {
    this.#names = names
  }

  static of(message: Message): Chain {
    const header = message.headers[headerNames.cascade] ?? ''
    return new Chain(header === '' ? [] : header.split(','))
  }

  /** The chain of messages that no Cascader follows. */
  static endingWith(name: string): Chain {
    return new Chain([name, end])
  }

  /** Whether the Cascader of this name may follow a message with this chain. */
  isOpenTo(name: string): boolean {
    return !this.#names.includes(name) && !this.#names.includes(end)
  }

  with(name: string): Chain {
    return new Chain([...this.#names, name])
  }

  toString(): string {
    return this.#names.join(',')
  }
}
