import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'
import type { BulkClient } from './bulk-client.ts'
import type { Reason } from './verdict.ts'

export interface IndexGuardOptions {
  readonly client: BulkClient
  readonly index: string
  readonly requestTimeoutMs: number
  readonly logger: Logger
}

/** What is written to. */
export interface Target {
  /** Whether the name is an alias: then the search engine itself refuses to make an index in its place. */
  readonly isAlias: boolean
  /** Why nothing may be written now. */
  readonly missing?: Reason
}

const missing: Reason = { status: 404, type: 'index_not_found_exception' }

/**
 * Checks that an index is there before it is written to: else the search engine would make one, with mappings that it
 * guesses, and nobody would notice.
 */
export class IndexGuard {
  readonly #options: IndexGuardOptions
  #isAlias: boolean | undefined
  #warned = false

  constructor(options: IndexGuardOptions) {
    this.#options = options
  }

  /** Whatever keeps it from being known shows in the write, too. */
  async check(): Promise<Target> {
    const { indices } = this.#options.client
    if (indices === undefined) return { isAlias: false }
    const { index } = this.#options
    try {
      // An alias can only be where an index is.
      this.#isAlias ??= (await this.#ask(indices.existsAlias({ name: index }, this.#transport))) || undefined
      if (this.#isAlias || (await this.#ask(indices.exists({ index }, this.#transport))))
        return { isAlias: this.#isAlias ?? false }
    } catch (error) {
      this.#warn(error)
      return { isAlias: this.#isAlias ?? false }
    }
    return { isAlias: false, missing }
  }

  /** The OpenSearch client wraps its answers. */
  async #ask(answer: PromiseLike<unknown>): Promise<boolean> {
    const value = await answer
    return typeof value === 'object' && value !== null && 'body' in value
      ? value.body === true
      : value === true
  }

  get #transport(): object {
    return { requestTimeout: this.#options.requestTimeoutMs, maxRetries: 0 }
  }

  /** Once: the search engine may be away, or the client may lack the right to look. */
  #warn(error: unknown): void {
    const { index, logger } = this.#options
    logger[this.#warned ? 'debug' : 'warn']('It can not be checked whether the index is there', {
      index,
      ...errorFields(error),
      advice: 'the client needs the privilege view_index_metadata, or an alias with require_alias',
    })
    this.#warned = true
  }
}
