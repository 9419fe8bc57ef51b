import { headerNames } from '@kt/core'
import type { Message } from '@kt/core'

/** Ends a chain: no Cascader cascades the message further. */
const end = '*'

/** The Cascaders that a message has passed. The message of a changed record itself has an empty chain. */
export class Chain {
  readonly #names: readonly string[]

  private constructor(names: readonly string[]) {
    this.#names = names
  }

  static of(message: Message): Chain {
    const header = message.headers[headerNames.cascade] ?? ''
    return new Chain(header === '' ? [] : header.split(','))
  }

  /** The chain of messages that no Cascader cascades further. */
  static endingWith(name: string): Chain {
    return new Chain([name, end])
  }

  /** Whether the Cascader with this name may cascade a message with this chain. */
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
