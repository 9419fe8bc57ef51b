import { sleep } from '@kt/core/internal'
import type { HealOptions } from './options.ts'
import type { Suspects } from './suspects.ts'

export interface HealerOptions<Record> extends Required<HealOptions> {
  readonly suspects: Suspects<Record>
  readonly whenCaughtUp: (() => Promise<void>) | undefined
  readonly signal: AbortSignal
}

const lookPauseMs = 250

/** Sends records to the Indexer again, and looks whether their documents are right afterwards. */
export class Healer<Record> {
  readonly #options: HealerOptions<Record>

  constructor(options: HealerOptions<Record>) {
    this.#options = options
  }

  /**
   * Resolves when all documents are right, or when the time is over.
   *
   * @returns the ids of those that are still wrong
   * @throws KtError the errors of the producer
   */
  async heal(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { producer, topic, timeoutMs, whenCaughtUp, suspects, signal } = this.#options
    await producer.batch((batch) => {
      for (const id of ids) batch.produce(JSON.stringify({ id }), { topic, key: id })
    })
    const deadline = performance.now() + timeoutMs
    for (let wrong: readonly string[] = ids; ;) {
      await whenCaughtUp?.()
      wrong = (await suspects.lookNow(wrong)).map(({ id }) => id)
      if (wrong.length === 0 || performance.now() > deadline || signal.aborted) return new Set(wrong)
      await sleep(lookPauseMs, signal)
    }
  }
}
