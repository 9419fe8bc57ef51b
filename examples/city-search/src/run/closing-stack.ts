import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'

interface Closable {
  close(): Promise<void>
}

/** Closes everything that was opened, in reverse order, even if some of it fails. */
export class ClosingStack {
  readonly #logger: Logger
  readonly #opened: Closable[] = []

  constructor(logger: Logger) {
    this.#logger = logger
  }

  add<T extends Closable>(closable: T): T {
    this.#opened.push(closable)
    return closable
  }

  async close(): Promise<void> {
    for (const closable of this.#opened.splice(0).toReversed()) {
      await closable
        .close()
        .catch((error: unknown) => this.#logger.error('Closing failed', errorFields(error)))
    }
  }
}
