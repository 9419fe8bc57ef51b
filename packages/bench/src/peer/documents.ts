import { setInterval, setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@elastic/elasticsearch'

const watchIntervalMs = 50
/** Maximum delay, apart from the request itself, between an edit becoming readable and its detection. */
const pollIntervalMs = 1
const timeoutMs = 300_000

/** Watches the documents that a side writes, from outside. */
export class Documents {
  readonly #client: Client
  readonly #index: string

  constructor(client: Client, index: string) {
    this.#client = client
    this.#index = index
  }

  /** Counts the writes to the index since it was created, including repeated writes of the same document. */
  async written(): Promise<number> {
    const { _all } = await this.#client.indices.stats({ index: this.#index, metric: 'indexing' })
    return _all.primaries?.indexing?.index_total ?? 0
  }

  /**
   * Resolves when `count` documents have the value, or when there are `count` documents if no value is given. Resolves
   * with the time in milliseconds of the epoch. Searches only after that many writes, because a search has to refresh
   * the index.
   *
   * @param before the earlier result of `written`
   */
  async untilWritten(count: number, before: number, price?: number): Promise<number> {
    await until(async () => (await this.written()) >= before + count)
    const writtenAt = now()
    if ((await this.#count(price)) >= count) return writtenAt
    await until(async () => (await this.#count(price)) >= count)
    return now()
  }

  /** Resolves when each document, read by its id, has the value. Resolves with the time. */
  async untilReadable(
    ids: readonly number[],
    field: 'price' | 'brand',
    value: string | number,
  ): Promise<number> {
    const giveUpAt = now() + timeoutMs
    let missing = ids.map(String)
    for (;;) {
      const { docs } = await this.#client.mget<Record<string, unknown>>({
        index: this.#index,
        ids: missing,
        _source_includes: [field],
      })
      missing = docs.flatMap((doc) => ('found' in doc && doc._source?.[field] === value ? [] : [doc._id]))
      if (missing.length === 0) return now()
      if (now() > giveUpAt) throw new Error(`${missing.length} documents do not have the new ${field}`)
      await delay(pollIntervalMs)
    }
  }

  async #count(price: number | undefined): Promise<number> {
    await this.#client.indices.refresh({ index: this.#index })
    const query = price === undefined ? { match_all: {} } : { term: { price } }
    const { count } = await this.#client.count({ index: this.#index, query })
    return count
  }
}

/** @throws AbortError when it times out */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  for await (const _ of setInterval(watchIntervalMs, undefined, { signal })) if (await condition()) return
}

/** Returns milliseconds of the epoch, comparable between processes. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
