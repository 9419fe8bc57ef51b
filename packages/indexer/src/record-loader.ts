import { KtError, toRecordKey } from '@kt/core'
import type { ReadTickets } from '@kt/core'
import type { IndexDefinition } from './index-definition.ts'

/** What one read found of the ids that were asked for. An id that is in neither has no record. */
export interface Read<Record> extends Found<Record> {
  /** The ticket that was taken before the read. */
  readonly ticket: number | undefined
}

interface Found<Record> {
  readonly records: ReadonlyMap<string, Record>
  /** Ids that can't be loaded though the others can, and why. */
  readonly failed: ReadonlyMap<string, unknown>
}

export interface LoadAttempt {
  readonly signal: AbortSignal
  /** 1 for the first delivery of the batch. */
  readonly attempt: number
}

/** Reads records by their ids, and tells an id that can't be read from a database that can't be reached. */
export class RecordLoader<Record> {
  readonly #definition: IndexDefinition<Record>
  readonly #versions: ReadTickets | undefined
  /** An id that was loaded without trouble: whether it still can be tells if the database is there. */
  #goodId: string | undefined

  constructor(definition: IndexDefinition<Record>, versions?: ReadTickets) {
    this.#definition = definition
    this.#versions = versions
  }

  /**
   * The records with these ids. When `load` fails, the batch is to be delivered again. When it fails once more
   * although the database answers for another id, the ids are loaded in ever smaller parts, to find those that fail.
   *
   * @throws KtError `KT_LOAD_FAILED`, retryable.
   */
  async load(ids: readonly string[], { signal, attempt }: LoadAttempt): Promise<Read<Record>> {
    const ticket = await this.#ticket()
    try {
      return { records: await this.#read(ids, signal), failed: new Map(), ticket }
    } catch (error) {
      if (attempt === 1 || signal.aborted || !(await this.#answers(ids, signal))) throw loadFailed(error)
      return { ...(await this.#divide(ids, error, signal)), ticket }
    }
  }

  async #ticket(): Promise<number | undefined> {
    try {
      return await this.#versions?.next()
    } catch (error) {
      throw loadFailed(error)
    }
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Record>> {
    const wanted = new Set(ids)
    const records = new Map<string, Record>()
    for (const record of await this.#definition.load(ids, { signal })) {
      const id = this.#idOf(record)
      if (id === undefined || !wanted.has(id)) throw unexpectedRecord(id === undefined)
      records.set(id, record)
    }
    this.#goodId = ids[0]
    return records
  }

  #idOf(record: Record): string | undefined {
    const definition = this.#definition
    return toRecordKey(
      definition.id === undefined ? (record as { readonly id?: unknown }).id : definition.id(record),
    )
  }

  async #answers(ids: readonly string[], signal: AbortSignal): Promise<boolean> {
    const samples = [this.#goodId, ids[0], ids[ids.length >> 1], ids.at(-1)]
    for (const id of new Set(samples.filter((sample) => sample !== undefined))) {
      try {
        await this.#read([id], signal)
        return true
      } catch {
        // The next one may tell.
      }
    }
    return false
  }

  async #divide(ids: readonly string[], reason: unknown, signal: AbortSignal): Promise<Found<Record>> {
    if (signal.aborted) throw loadFailed(reason)
    if (ids.length === 1) return { records: new Map(), failed: new Map(ids.map((id) => [id, reason])) }
    const middle = ids.length >> 1
    const parts: Found<Record>[] = []
    for (const half of [ids.slice(0, middle), ids.slice(middle)]) parts.push(await this.#part(half, signal))
    return {
      records: new Map(parts.flatMap(({ records }) => [...records])),
      failed: new Map(parts.flatMap(({ failed }) => [...failed])),
    }
  }

  async #part(ids: readonly string[], signal: AbortSignal): Promise<Found<Record>> {
    try {
      return { records: await this.#read(ids, signal), failed: new Map() }
    } catch (error) {
      return this.#divide(ids, error, signal)
    }
  }
}

/** The error with which a batch is given back, to be delivered again. */
function loadFailed(cause: unknown): KtError<'KT_LOAD_FAILED'> {
  return new KtError('KT_LOAD_FAILED', 'The records could not be read from the database', {
    cause,
    retryable: true,
  })
}

/** Going on would delete the documents of the ids that seem to be missing. */
function unexpectedRecord(withoutId: boolean): KtError<'KT_LOAD_FAILED'> {
  const what = withoutId ? 'a record without a usable id' : 'a record with an id that was not asked for'
  return new KtError('KT_LOAD_FAILED', `load() returned ${what}: check the index definition's id()`, {
    retryable: false,
  })
}
