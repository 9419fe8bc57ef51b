import { KtError } from '@kt/core'
import { toRecordKey, within } from '@kt/core/internal'
import type { ReadTickets } from '@kt/core'
import type { IndexDefinition } from '../document/index-definition.ts'

/** The result of one read. An id that is in neither map has no record. */
export interface Read<Record> extends Found<Record> {
  /** The read ticket, taken before the read. */
  readonly ticket: number | undefined
}

interface Found<Record> {
  readonly records: ReadonlyMap<string, Record>
  /** The errors of ids that can't be loaded although others can. */
  readonly failed: ReadonlyMap<string, unknown>
}

export interface LoadAttempt {
  readonly signal: AbortSignal
  /** 1 for the first delivery of the batch. */
  readonly attempt: number
}

/** Distinguishes failing records from a database that is intermittently unavailable. */
interface Isolation {
  /** An id that was loaded while others failed. */
  readonly probeId: string
  readonly signal: AbortSignal
}

/** How often an id must fail again before it counts as failed. Before each try, the probe id must be loaded. */
const isolationTries = 2

/** Reads records by id, and distinguishes ids that can't be loaded from a database that is unavailable. */
export class RecordLoader<Record> {
  readonly #definition: IndexDefinition<Record>
  readonly #versions: ReadTickets | undefined
  readonly #timeoutMs: number
  /** An id that was loaded before. If it can be loaded again, the database is available. */
  #loadedId: string | undefined

  constructor(definition: IndexDefinition<Record>, versions: ReadTickets | undefined, timeoutMs: number) {
    this.#definition = definition
    this.#versions = versions
    this.#timeoutMs = timeoutMs
  }

  /**
   * Loads the records with these ids. Rejects when `load` fails for the first time: the batch is delivered again. When
   * it fails again although another id can be loaded, loads smaller and smaller parts to isolate the failing ids.
   *
   * @throws KtError `KT_LOAD_FAILED`, retryable
   */
  async load(ids: readonly string[], { signal, attempt }: LoadAttempt): Promise<Read<Record>> {
    const ticket = await this.#ticket()
    try {
      return { records: await this.#read(ids, signal), failed: new Map(), ticket }
    } catch (error) {
      const probeId = attempt === 1 || signal.aborted ? undefined : await this.#findProbeId(ids, signal)
      if (probeId === undefined) throw loadFailed(error)
      return { ...(await this.#divide(ids, error, { probeId, signal })), ticket }
    }
  }

  async #ticket(): Promise<number | undefined> {
    try {
      return await this.#withTimeout('The read ticket', this.#versions?.next())
    } catch (error) {
      throw loadFailed(error)
    }
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Record>> {
    const records = new Map<string, Record>()
    for (const record of await this.#withTimeout('load()', this.#definition.load(ids, { signal }))) {
      const id = this.#idOf(record)
      if (id === undefined) throw unexpectedRecord(true)
      records.set(id, record)
    }
    let wanted = 0
    for (const id of ids) if (records.has(id)) wanted++
    if (wanted !== records.size) throw unexpectedRecord(false)
    this.#loadedId = ids[0]
    return records
  }

  #withTimeout<T>(what: string, answer: T | Promise<T>): Promise<T> {
    return within(this.#timeoutMs, answer, loadTimedOut(what, this.#timeoutMs))
  }

  #idOf(record: Record): string | undefined {
    const definition = this.#definition
    return toRecordKey(
      definition.id === undefined ? (record as { readonly id?: unknown }).id : definition.id(record),
    )
  }

  /** An id that can be loaded now, which shows that the database is available. */
  async #findProbeId(ids: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const samples = [this.#loadedId, ids[0], ids[ids.length >> 1], ids.at(-1)]
    for (const id of new Set(samples.filter((sample) => sample !== undefined))) {
      try {
        await this.#read([id], signal)
        return id
      } catch {
        // Tries the next one.
      }
    }
    return undefined
  }

  async #divide(ids: readonly string[], reason: unknown, isolation: Isolation): Promise<Found<Record>> {
    if (isolation.signal.aborted) throw loadFailed(reason)
    const [id] = ids
    if (id !== undefined && ids.length === 1) return this.#isolate(id, isolation)
    const middle = ids.length >> 1
    const parts: Found<Record>[] = []
    for (const half of [ids.slice(0, middle), ids.slice(middle)])
      parts.push(await this.#part(half, isolation))
    return {
      records: new Map(parts.flatMap(({ records }) => [...records])),
      failed: new Map(parts.flatMap(({ failed }) => [...failed])),
    }
  }

  async #part(ids: readonly string[], isolation: Isolation): Promise<Found<Record>> {
    try {
      return { records: await this.#read(ids, isolation.signal), failed: new Map() }
    } catch (error) {
      return this.#divide(ids, error, isolation)
    }
  }

  /** Tries an id several times. After a restart of the database, dead connections of a pool may fail for any id. */
  async #isolate(id: string, { probeId, signal }: Isolation): Promise<Found<Record>> {
    let reason: unknown
    for (let count = 0; count < isolationTries; count++) {
      try {
        await this.#read([probeId], signal)
      } catch (error) {
        throw loadFailed(error)
      }
      try {
        return { records: await this.#read([id], signal), failed: new Map() }
      } catch (error) {
        reason = error
      }
    }
    return { records: new Map(), failed: new Map([[id, reason]]) }
  }
}

/** The error of a database read that takes longer than `loadTimeoutMs`. */
export function loadTimedOut(what: string, timeoutMs: number): () => KtError<'KT_LOAD_FAILED'> {
  return () =>
    new KtError(
      'KT_LOAD_FAILED',
      `${what} took longer than ${timeoutMs} ms; if it needs more time, increase loadTimeoutMs of the Indexer`,
      { retryable: true },
    )
}

/** The error with which a batch is rejected, to be delivered again. */
function loadFailed(cause: unknown): KtError<'KT_LOAD_FAILED'> {
  return new KtError('KT_LOAD_FAILED', 'The records could not be read from the database', {
    cause,
    retryable: true,
  })
}

/** An error, because to continue would delete the documents of ids that only seem to be missing. */
function unexpectedRecord(withoutId: boolean): KtError<'KT_LOAD_FAILED'> {
  const what = withoutId ? 'a record without a usable id' : 'a record with an id that was not requested'
  return new KtError('KT_LOAD_FAILED', `load() returned ${what}: check the index definition's id()`, {
    retryable: false,
  })
}
