import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'
import { bodyOf } from './bulk-client.ts'
import type { BulkClient } from './bulk-client.ts'
import { judgeFailure } from './verdict.ts'
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

/** So long an answer holds: the parts of a backlog share it. */
const maxAgeMs = 20

/**
 * Checks that an index is there before it is written to: else the search engine would make one, with mappings that it
 * guesses, and nobody would notice.
 */
export class IndexGuard {
  readonly #options: IndexGuardOptions
  #target: Promise<Target> | undefined
  #checkedAtMs = 0
  #isAlias = false
  #warned = false
  #isMissing = false

  constructor(options: IndexGuardOptions) {
    this.#options = options
  }

  /** Whether the index was not there when it was last checked. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** Never rejects: whatever keeps it from being known shows in the write, too. */
  check(): Promise<Target> {
    const nowMs = performance.now()
    if (this.#target === undefined || nowMs - this.#checkedAtMs > maxAgeMs) {
      this.#checkedAtMs = nowMs
      this.#target = this.#check()
    }
    return this.#target
  }

  async #check(): Promise<Target> {
    const { client, index, requestTimeoutMs } = this.#options
    if (client.indices === undefined) return { isAlias: false }
    try {
      // By GET: for HEAD the clients open a connection each time.
      const answer = await client.indices.getAlias(
        { index },
        { requestTimeout: requestTimeoutMs, maxRetries: 0 },
      )
      // The answer names the indexes themselves.
      const names = Object.keys(bodyOf(answer))
      this.#isAlias = names.length > 0 && !names.includes(index)
      this.#isMissing = false
    } catch (error) {
      const { status } = judgeFailure(error)
      this.#isMissing = status === 404
      if (status === 404 && !this.#isAlias)
        return { isAlias: false, missing: { status, type: 'index_not_found_exception' } }
      // An alias that is gone is refused by the search engine.
      if (status !== 404) this.#warn(error)
    }
    return { isAlias: this.#isAlias }
  }

  /** Once: the search engine may be away, or the client may lack the right to look. */
  #warn(error: unknown): void {
    const { index, logger } = this.#options
    logger[this.#warned ? 'debug' : 'warn']('It can not be checked whether the index is there', {
      index,
      ...errorFields(error),
      advice: 'the user of the client needs the privilege view_index_metadata',
    })
    this.#warned = true
  }
}
