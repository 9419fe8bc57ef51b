import { KtError } from '@kt/core'
import { Pace } from '@kt/core/internal'
import type { RecordId } from '@kt/core'
import { resolveOptions } from './options.ts'
import type { ResolvedVerifierOptions, VerifierOptions, VerifyOptions } from './options.ts'
import type { VerifyReport } from './report.ts'
import { Verification } from './verification.ts'
import { watch } from './watch.ts'
import type { WatchOptions } from './watch.ts'

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
    return this.#verification(options).all(options.from)
  }

  /**
   * Compares the records with these ids alone, such as when a user has reported something odd. They may exist or not.
   *
   * @throws KtError as `verify`
   */
  suspect(ids: readonly RecordId[], options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#verification(options).some([...new Set(ids.map(String))])
  }

  /**
   * Verifies again and again, and checks the frame meanwhile, until the signal fires. What fails is logged and tried
   * again. Give the Verifier a low `recordsPerSecond`.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  async watch(options: WatchOptions): Promise<void> {
    this.#checkHeal('watch', options)
    const { index, logger, meter } = this.#options
    await watch({ verify: (each) => this.verify(each), index: index.name, logger, meter }, options)
  }

  /** @throws KtError `KT_OPTION_INVALID` */
  #checkHeal(method: string, { heal = false }: VerifyOptions): void {
    if (heal && this.#options.heal === undefined)
      throw new KtError(
        'KT_OPTION_INVALID',
        `${method}: heal must be used with the option "heal" of Verifier`,
        { retryable: false },
      )
  }

  #verification(options: VerifyOptions): Verification<Record> {
    this.#checkHeal('verify', options)
    const { heal = false, onProgress, onDifference, signal } = options
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
