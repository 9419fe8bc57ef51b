import { errorFields } from '@kt/core'
import { bodyOf } from '@kt/core/internal'
import type { Logger } from '@kt/core'
import type { BulkClient } from './bulk-client.ts'
import { classifyFailure } from './classify.ts'
import type { Reason } from './classify.ts'

export interface IndexGuardOptions {
  readonly client: BulkClient
  readonly index: string
  readonly requestTimeoutMs: number
  readonly logger: Logger
}

/** The index or alias that is written to. */
export interface Target {
  /** Whether the name is an alias. Then the search engine itself refuses to create an index in its place. */
  readonly isAlias: boolean
  /** Why nothing can be written now. */
  readonly missing?: Reason
}

/** How long a check is valid. The parts of a backlog share it. */
const maxAgeMs = 20

/**
 * Checks that an index exists before it is written to. Otherwise the search engine would create one with guessed
 * mappings, and nobody would notice.
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

  /** Whether the index was missing at the last check. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** Never rejects: if the check fails, so does the write, which reports it. */
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
      // Uses GET: the clients open a new connection for each HEAD.
      const answer = await client.indices.getAlias(
        { index },
        { requestTimeout: requestTimeoutMs, maxRetries: 0 },
      )
      // The keys of the response are the names of the indexes, never those of aliases.
      const names = Object.keys(bodyOf(answer))
      this.#isAlias = names.length > 0 && !names.includes(index)
      this.#isMissing = false
    } catch (error) {
      const { status } = classifyFailure(error)
      this.#isMissing = status === 404
      if (status === 404 && !this.#isAlias)
        return { isAlias: false, missing: { status, type: 'index_not_found_exception' } }
      // The search engine rejects writes to a deleted alias.
      if (status !== 404) this.#warn(error, status)
    }
    return { isAlias: this.#isAlias }
  }

  /** Warns once. The search engine may be away, or the client may lack the privilege. */
  #warn(error: unknown, status: number | undefined): void {
    const { index, logger } = this.#options
    logger[this.#warned ? 'debug' : 'warn']('Could not check whether the index exists', {
      index,
      ...errorFields(error),
      ...((status === 401 || status === 403) && {
        advice: 'the user of the client needs the privilege view_index_metadata',
      }),
    })
    this.#warned = true
  }
}
