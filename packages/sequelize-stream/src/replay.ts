import { randomUUID } from 'node:crypto'
import { KtError } from '@kt/core'
import { optionChecker, Pace, toRecordKey } from '@kt/core/internal'
import type { Payload, RecordId } from '@kt/core'
import { Model, Op } from 'sequelize'
import type { Attributes, ModelStatic, WhereOptions } from 'sequelize'
import { ChangeLog } from './changes/change-log.ts'
import { streamOf } from './changes/record-log.ts'
import { valuesOf } from './model/model-class.ts'
import { destinationOf } from './model/model-stream.ts'
import { recordId } from './model/record-key.ts'
import { noReferences } from './model/references.ts'
import { internals } from './model/untyped.ts'
import { idCondition } from './source/id-condition.ts'
import { afterId, recordPages } from './source/records-by.ts'
import type { IdentifiedRecord } from './source/records-by.ts'
import type { AnyModel } from './model/types.ts'
import type { UpdateStreamer } from './update-streamer.ts'

export interface ReplayOptions<M extends Model> {
  readonly updateStreamer: UpdateStreamer
  /**
   * Selects records by a condition, regardless of scopes; `{}` selects all.
   *
   * @defaultValue all, if there is `since`
   */
  readonly where?: WhereOptions<Attributes<M>>
  /** Selects records that were written since then, by their `updatedAt`. Records that were deleted for good are missing. */
  readonly since?: Date
  /** The ids of the records, instead of `where` and `since`. They may be deleted. */
  readonly ids?: readonly RecordId[]
  /**
   * The most records per second, so that single edits stay fast meanwhile.
   *
   * @defaultValue `Infinity`: as fast as possible
   */
  readonly recordsPerSecond?: number
  /**
   * How many records are read and sent at once. With `recordsPerSecond`, at most half of that.
   *
   * @defaultValue 1_000
   */
  readonly pageSize?: number
  /**
   * Continues after a record: `after` of the last progress of a replay that was ended. Only for models with a single
   * primary key that is a whole number or a UUID.
   *
   * @defaultValue the first record
   */
  readonly after?: RecordId
  /** Called after each page, once Kafka has acknowledged its messages. */
  readonly onProgress?: (progress: ReplayProgress) => void
  readonly signal?: AbortSignal
}

export interface ReplayProgress {
  /** How many records have been sent. */
  readonly sent: number
  /** The last of them. */
  readonly after: RecordId
}

/** A limited rate is kept with so many pages, so that edits rarely meet one. */
const pagesPerSecond = 2

const check = optionChecker('replay')

/**
 * Sends the instant messages of some records again, so that everything that follows from them is done again: their
 * documents are indexed afresh, and cascades run. For records that are known to be wrong, such as after a bug in
 * `document()` or a restored backup. Changes meanwhile do no harm, because the Indexer reads each record afresh.
 *
 * @returns the number of records that were sent
 * @throws KtError `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_LOAD_FAILED`, and the errors of the producer
 */
export async function replay<M extends Model>(
  model: ModelStatic<M>,
  options: ReplayOptions<M>,
): Promise<number> {
  const { updateStreamer, onProgress, signal } = options
  const rate = options.recordsPerSecond
  const perSecond = rate === undefined ? Infinity : check.integer('recordsPerSecond', rate, { min: 1 })
  const pageSize = check.integer('pageSize', options.pageSize ?? 1_000, { min: 1 })
  const limit = Math.min(pageSize, Math.ceil(perSecond / pagesPerSecond))
  const { sender } = updateStreamer.context.commit
  const destination = destinationOf(model, streamOf(model))
  const pace = new Pace(perSecond)
  let sent = 0
  for await (const page of pagesOf(model, options, limit)) {
    const last = page.at(-1)
    if (last === undefined) continue
    await pace.whenFree(signal)
    if (signal?.aborted === true)
      throw new KtError('KT_ABORTED', 'The replay was aborted', { retryable: false })
    const log = new ChangeLog<string>()
    for (const { id, payload } of page) {
      const key = toRecordKey(id)
      if (key) log.add('replayed', destination, { key, payload, references: noReferences })
    }
    await sender.sendInstants({ log, changeId: randomUUID() })
    pace.note(page.length)
    sent += page.length
    onProgress?.({ sent, after: last.id })
  }
  return sent
}

interface Replayed {
  readonly id: RecordId
  readonly payload: Payload
}

function pagesOf<M extends Model>(
  model: ModelStatic<M>,
  { where, since, ids, after }: ReplayOptions<M>,
  limit: number,
): AsyncIterable<readonly Replayed[]> {
  if (ids !== undefined) {
    if (where !== undefined || since !== undefined || after !== undefined)
      check.fail('ids', 'used without where, since and after')
    return pagesOfIds(model, ids, limit)
  }
  if (where === undefined && since === undefined) check.fail('where', 'given, or since or ids')
  const conditions = [
    ...(where === undefined ? [] : [where]),
    ...(since ? [sinceCondition(model, since)] : []),
  ]
  return pagesWhere(model, { [Op.and]: conditions }, limit, after)
}

async function* pagesWhere(
  model: AnyModel,
  where: WhereOptions,
  limit: number,
  after?: RecordId,
): AsyncGenerator<readonly Replayed[]> {
  const query = {
    where,
    limit,
    useMaster: true,
    paranoid: false,
    after: after === undefined ? undefined : afterId(model, after),
  }
  for await (const page of recordPages(model, query)) yield page.map((record) => replayed(model, record))
}

/** The payload of a record that doesn't exist is its id. */
async function* pagesOfIds(
  model: AnyModel,
  ids: readonly RecordId[],
  limit: number,
): AsyncGenerator<readonly Replayed[]> {
  for (let from = 0; from < ids.length; from += limit) {
    const part = ids.slice(from, from + limit)
    const found = new Map<string, Replayed>()
    const condition = streamOf(model).isCustom ? idCondition(model, part.map(String)) : undefined
    if (condition !== undefined)
      for await (const page of pagesWhere(model, condition as WhereOptions, limit))
        for (const each of page) found.set(String(each.id), each)
    yield part.map((id) => found.get(String(id)) ?? byId(id))
  }
}

function replayed(model: AnyModel, record: Model | IdentifiedRecord): Replayed {
  if (!(record instanceof Model)) return byId(record.id)
  return { id: recordId(model, valuesOf(record)), payload: streamOf(model).payload(record) }
}

function byId(id: RecordId): Replayed {
  return { id, payload: { id: typeof id === 'bigint' ? String(id) : id } }
}

function sinceCondition(model: AnyModel, since: Date): WhereOptions {
  const attribute =
    internals(model)._timestampAttributes.updatedAt ??
    check.fail('since', `left out: ${model.name} has no updatedAt`)
  if (!(since instanceof Date) || Number.isNaN(since.getTime())) check.fail('since', 'a Date', since)
  return { [attribute]: { [Op.gte]: since } }
}
