import { KtError, toRecordKey, within } from '@kt/core'
import type { ReadTickets } from '@kt/core'
import type { IndexDefinition } from '../document/index-definition.ts'

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

/** By what ids are told apart from a database that comes and goes. */
interface Inquiry {
  /** An id that was loaded while others failed. */
  readonly witness: string
  readonly signal: AbortSignal
}

/** So often an id must fail again, and the witness be loaded before that each time, until the id is to blame. */
const proofs = 2

/** Reads records by their ids, and tells an id that can't be read from a database that can't be reached. */
export class RecordLoader<Record> {
  readonly #definition: IndexDefinition<Record>
  readonly #versions: ReadTickets | undefined
  readonly #timeoutMs: number
  /** An id that was loaded without trouble: whether it still can be tells if the database is there. */
  #goodId: string | undefined

  constructor(definition: IndexDefinition<Record>, versions: ReadTickets | undefined, timeoutMs: number) {
    this.#definition = definition
    this.#versions = versions
    this.#timeoutMs = timeoutMs
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
      const witness = attempt === 1 || signal.aborted ? undefined : await this.#witness(ids, signal)
      if (witness === undefined) throw loadFailed(error)
      return { ...(await this.#divide(ids, error, { witness, signal })), ticket }
    }
  }

  async #ticket(): Promise<number | undefined> {
    try {
      return await this.#timely('The read ticket', this.#versions?.next())
    } catch (error) {
      throw loadFailed(error)
    }
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Record>> {
    const records = new Map<string, Record>()
    for (const record of await this.#timely('load()', this.#definition.load(ids, { signal }))) {
      const id = this.#idOf(record)
      if (id === undefined) throw unexpectedRecord(true)
      records.set(id, record)
    }
    let wanted = 0
    for (const id of ids) if (records.has(id)) wanted++
    if (wanted !== records.size) throw unexpectedRecord(false)
    this.#goodId = ids[0]
    return records
  }

  #timely<T>(what: string, answer: T | Promise<T>): Promise<T> {
    return within(this.#timeoutMs, answer, loadTooLate(what, this.#timeoutMs))
  }

  #idOf(record: Record): string | undefined {
    const definition = this.#definition
    return toRecordKey(
      definition.id === undefined ? (record as { readonly id?: unknown }).id : definition.id(record),
    )
  }

  /** An id that can be loaded now: then the database is there. */
  async #witness(ids: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const samples = [this.#goodId, ids[0], ids[ids.length >> 1], ids.at(-1)]
    for (const id of new Set(samples.filter((sample) => sample !== undefined))) {
      try {
        await this.#read([id], signal)
        return id
      } catch {
        // The next one may tell.
      }
    }
    return undefined
  }

  async #divide(ids: readonly string[], reason: unknown, inquiry: Inquiry): Promise<Found<Record>> {
    if (inquiry.signal.aborted) throw loadFailed(reason)
    const [id] = ids
    if (id !== undefined && ids.length === 1) return this.#blame(id, inquiry)
    const middle = ids.length >> 1
    const parts: Found<Record>[] = []
    for (const half of [ids.slice(0, middle), ids.slice(middle)]) parts.push(await this.#part(half, inquiry))
    return {
      records: new Map(parts.flatMap(({ records }) => [...records])),
      failed: new Map(parts.flatMap(({ failed }) => [...failed])),
    }
  }

  async #part(ids: readonly string[], inquiry: Inquiry): Promise<Found<Record>> {
    try {
      return { records: await this.#read(ids, inquiry.signal), failed: new Map() }
    } catch (error) {
      return this.#divide(ids, error, inquiry)
    }
  }

  /** After a restart of the database, say, dead connections of a pool fail now and then, and no id is to blame. */
  async #blame(id: string, { witness, signal }: Inquiry): Promise<Found<Record>> {
    let reason: unknown
    for (let proof = 0; proof < proofs; proof++) {
      try {
        await this.#read([witness], signal)
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

/** The error of a read from the database that takes longer than it may. */
export function loadTooLate(what: string, timeoutMs: number): () => KtError<'KT_LOAD_FAILED'> {
  return () =>
    new KtError(
      'KT_LOAD_FAILED',
      `${what} took longer than ${timeoutMs} ms; if it needs that, give the Indexer a longer loadTimeoutMs`,
      { retryable: true },
    )
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
