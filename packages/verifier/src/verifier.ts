import { KtError } from '@kt/core'
import { Pace } from '@kt/core/internal'
import type { RecordId } from '@kt/core'
import { resolveOptions } from './options.ts'
import type { ResolvedVerifierOptions, VerifierOptions } from './options.ts'
import type { Difference, VerifyProgress, VerifyReport } from './report.ts'
import { Verification } from './verification.ts'

export interface VerifyOptions {
  /**
   * Whether to send the records of wrong documents to the Indexer, and to look again afterwards.
   *
   * @defaultValue false
   */
  readonly heal?: boolean
  /** Called after each page. */
  readonly onProgress?: (progress: VerifyProgress) => void
  /** Called for each difference, after its healing. */
  readonly onDifference?: (difference: Difference) => void
  readonly signal?: AbortSignal
}

/**
 * Compares a search index with its database, in both directions and document by document: what the index definition
 * makes of each record now, with what the index contains. Believes no timestamp and no version.
 *
 * Memory holds one page of records and their documents, whatever the size of the table, and 10,000 ids of differences
 * that are looked at again.
 */
export class Verifier<Record> {
  readonly #options: ResolvedVerifierOptions<Record>
  readonly #pace: Pace

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: VerifierOptions<Record>) {
    this.#options = resolveOptions(options)
    this.#pace = new Pace(this.#options.recordsPerSecond)
  }

  /**
   * Compares all documents and all records. Changes meanwhile do no harm.
   *
   * @throws KtError `KT_ABORTED`, `KT_LOAD_FAILED`, `KT_OPTION_INVALID`; the errors of the search client, of the producer
   *   and of `whenCaughtUp`
   */
  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#verification(options).all()
  }

  /**
   * Compares the records with these ids alone, such as when a user has reported something odd. They may exist or not.
   *
   * @throws KtError as `verify`
   */
  suspect(ids: readonly RecordId[], options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#verification(options).some([...new Set(ids.map(String))])
  }

  #verification({ heal = false, onProgress, onDifference, signal }: VerifyOptions): Verification<Record> {
    if (heal && this.#options.heal === undefined)
      throw new KtError('KT_OPTION_INVALID', 'verify: heal must be used with the option "heal" of Verifier', {
        retryable: false,
      })
    return new Verification({
      ...this.#options,
      heal: heal ? this.#options.heal : undefined,
      onProgress,
      onDifference,
      signal: signal ?? new AbortController().signal,
      pace: this.#pace,
    })
  }
}
