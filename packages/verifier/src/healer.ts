import { backoff, sleep } from '@kt/core/internal'
import type { HealOptions } from './options.ts'
import type { Suspects } from './suspects.ts'

export interface HealerOptions<Record> extends Required<HealOptions> {
  readonly suspects: Suspects<Record>
  readonly whenCaughtUp: (() => Promise<void>) | undefined
  readonly signal: AbortSignal
}

/** How long the Indexer gets to handle the messages if nothing tells when it has. */
const resendMs = 10_000

/**
 * So often a record is sent. A document that was changed by hand needs a send per change; one that the search engine
 * rejects makes a dead letter of each.
 */
const mostSends = 6

const pauseMs = backoff({ initialMs: 250, maxMs: 5_000 })

/** Sends records to the Indexer again, and looks whether their documents are right afterwards. */
export class Healer<Record> {
  readonly #options: HealerOptions<Record>

  constructor(options: HealerOptions<Record>) {
    this.#options = options
  }

  /**
   * Resolves when all documents are right, or when the time is over. Sends them more than once: whoever has changed a
   * document by hand has given it a higher version, to which the first writes of the Indexer may lose.
   *
   * @returns the ids of those that are still wrong
   * @throws KtError the errors of the producer
   */
  async heal(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { timeoutMs, whenCaughtUp, suspects, signal } = this.#options
    const deadline = performance.now() + timeoutMs
    let wrong = ids
    let sentAtMs = -Infinity
    let sends = 0
    for (let attempt = 1; ; attempt++) {
      if (whenCaughtUp !== undefined || performance.now() - sentAtMs > resendMs) {
        await this.#send(wrong)
        sentAtMs = performance.now()
        sends++
      }
      await whenCaughtUp?.()
      await sleep(pauseMs(attempt), signal)
      wrong = await suspects.wrong(wrong)
      const isOver = performance.now() > deadline || sends === mostSends || signal.aborted
      if (wrong.length === 0 || isOver) return new Set(wrong)
    }
  }

  async #send(ids: readonly string[]): Promise<void> {
    const { producer, topic } = this.#options
    await producer.batch((batch) => {
      for (const id of ids) batch.produce(JSON.stringify({ id }), { topic, key: id })
    })
  }
}
