import { KtError, recordStreamOf } from '@kt/core'
import { databaseAnswer, optionChecker, recordStreamProperty } from '@kt/core/internal'
import type { RecordId, RecordStream } from '@kt/core'
import { Op } from 'sequelize'
import type { Attributes, Model, ModelStatic, WhereOptions } from 'sequelize'
import { valuesOf } from '../model/model-class.ts'
import type { ModelStream } from '../model/model-stream.ts'
import { afterRow } from '../rows/after-row.ts'
import { asInstances } from '../intercept/emitter.ts'
import { exactAttributes, forgetExactKeys } from '../rows/exact-keys.ts'
import { valuesCondition } from './id-condition.ts'
import { canContinueAfter, readIds } from './record-ids.ts'
import { outsideTransactions } from '../model/untyped.ts'
import type { IdQuery } from './record-ids.ts'
import type { AnyModel, Row } from '../model/types.ts'

export interface RecordsByOptions<M extends Model> {
  /**
   * A further condition for the records.
   *
   * @defaultValue none
   */
  readonly where?: WhereOptions<Attributes<M>>
  /**
   * Number of records that one query reads. A larger chunk costs less in total, but is kept in memory. An index over
   * the attribute and the primary key makes each query cheap.
   *
   * @defaultValue 10_000, or 1_000 when the model is streamed with its own `payload`
   */
  readonly chunkSize?: number
  /**
   * Whether to read from the primary. A lagging replica would miss a record that has just been moved here.
   *
   * @defaultValue true
   */
  readonly useMaster?: boolean
  /**
   * Whether to leave out soft-deleted records.
   *
   * @defaultValue true
   */
  readonly paranoid?: boolean
  /**
   * Whether to read only ids, even if the model is streamed with its own `payload`.
   *
   * @defaultValue false
   */
  readonly idsOnly?: boolean
  /**
   * The id of the record after which to begin, in primary-key order, such as the last one of an earlier call. Only for
   * models with a single primary key that is a whole number or a UUID.
   *
   * @defaultValue the first record
   */
  readonly after?: RecordId
}

/** A record whose id alone was read, because its messages contain nothing else. */
export interface IdentifiedRecord {
  /** Empty if the key can't be an id, for example an empty text. The Cascader logs and skips such a record. */
  readonly id: string | number
}

/** The parts that all queries of a call share, and where the first one begins; undefined when nothing can be found. */
type Query = IdQuery | undefined

/**
 * Reads the records that have one of these values in an attribute, such as the cities of some countries, for a
 * Cascader. Chunks are read on demand, in primary-key order and without scopes. Only ids are read, unless the model is
 * streamed with its own `payload`, which needs whole records. Values that the column can't contain, such as `abc` for
 * an INTEGER, are left out.
 *
 * @throws KtError `KT_OPTION_INVALID`; reading a chunk throws `KT_LOAD_FAILED` with the database's error as its cause
 */
export function recordsBy<M extends Model>(
  model: ModelStatic<M>,
  attribute: keyof Attributes<M> & string,
  values: Iterable<RecordId>,
  options: RecordsByOptions<M> & { readonly idsOnly: true },
): AsyncGenerator<readonly IdentifiedRecord[]>
export function recordsBy<M extends Model>(
  model: ModelStatic<M>,
  attribute: keyof Attributes<M> & string,
  values: Iterable<RecordId>,
  options?: RecordsByOptions<M>,
): AsyncGenerator<readonly (M | IdentifiedRecord)[]>
export function recordsBy<M extends Model>(
  model: ModelStatic<M>,
  attribute: keyof Attributes<M> & string,
  values: Iterable<RecordId>,
  options: RecordsByOptions<M> = {},
): AsyncGenerator<readonly (M | IdentifiedRecord)[]> {
  const check = optionChecker('recordsBy')
  if (typeof model !== 'function' || model.sequelize === undefined)
    check.fail('model', 'an initialised Sequelize model', model)
  if (model.primaryKeyAttributes.length === 0) check.fail('model', 'a model with a primary key', model)
  if (!Object.hasOwn(model.rawAttributes, attribute))
    check.fail('attribute', `an attribute of ${model.name}`, attribute)
  const idsOnly = check.boolean('idsOnly', options.idsOnly ?? false)
  const isWhole = !idsOnly && hasCustomPayload(model)
  const limit = check.integer('chunkSize', options.chunkSize ?? (isWhole ? 1_000 : 10_000), { min: 1 })
  const useMaster = check.boolean('useMaster', options.useMaster ?? true)
  const condition = valuesCondition(model, attribute, [...values].map(String)) as WhereOptions | undefined
  const { where } = options
  const paranoid = check.boolean('paranoid', options.paranoid ?? true)
  const query = condition && {
    where: where === undefined ? condition : { [Op.and]: [condition, where] },
    limit,
    useMaster,
    paranoid,
    after: options.after === undefined ? undefined : afterId(model, options.after),
  }
  return isWhole
    ? wholeRecords(model, query)
    : identifiedRecords(model, query, recordStreamOf({ constructor: model }))
}

/** Yields records of a model, with their ids alone if its messages contain nothing else. */
export function recordPages(
  model: AnyModel,
  query: IdQuery,
): AsyncGenerator<readonly (Model | IdentifiedRecord)[]> {
  return hasCustomPayload(model) ? wholeRecords(model, query) : identifiedRecords(model, query, undefined)
}

function hasCustomPayload(model: AnyModel): boolean {
  return (recordStreamOf({ constructor: model }) as ModelStream | undefined)?.isCustom === true
}

/** Yields the ids of all records of a model that meet a condition, without scopes, in primary-key order. */
export async function* recordIds(
  model: AnyModel,
  { after, ...query }: Omit<IdQuery, 'after' | 'useMaster'> & { readonly after?: RecordId | undefined },
): AsyncGenerator<readonly RecordId[]> {
  const position = after === undefined ? undefined : afterId(model, after)
  for await (const records of identifiedRecords(
    model,
    { ...query, useMaster: true, after: position },
    undefined,
  ))
    yield records.map(({ id }) => id)
}

async function* wholeRecords<M extends Model>(
  model: ModelStatic<M>,
  query: Query,
): AsyncGenerator<readonly M[]> {
  if (query === undefined) return
  const { where, limit, useMaster, paranoid } = query
  for (let { after } = query; ;) {
    const isAfter = after === undefined ? [] : [afterRow(model, after, (each) => each)]
    const records = await loading(model, () =>
      model.unscoped().findAll({
        attributes: { include: exactAttributes(model) },
        where: { [Op.and]: [where, ...isAfter] } as WhereOptions<Attributes<M>>,
        order: [...model.primaryKeyAttributes],
        limit,
        ...outsideTransactions,
        ...asInstances,
        useMaster,
        paranoid,
      }),
    )
    const last = records.at(-1)
    after = last && { ...valuesOf(last) }
    for (const record of records) forgetExactKeys(record)
    if (last !== undefined) yield records
    if (last === undefined || records.length < limit) return
  }
}

async function* identifiedRecords(
  model: AnyModel,
  query: Query,
  stream: RecordStream | undefined,
): AsyncGenerator<readonly IdentifiedRecord[]> {
  if (query === undefined) return
  const Identified = identifiedRecord(stream)
  for (let { after } = query; ;) {
    const { ids, last } = await loading(model, () => readIds(model, { ...query, after }))
    if (ids.length > 0) yield ids.map((id) => new Identified(id))
    if (ids.length < query.limit) return
    after = last
  }
}

/** @throws KtError `KT_OPTION_INVALID` */
export function afterId(model: AnyModel, id: RecordId): Row {
  const [key = ''] = model.primaryKeyAttributes
  if (!canContinueAfter(model))
    optionChecker('recordsBy').fail('after', `left out, because an id of ${model.name} is no exact key`)
  return { [key]: id }
}

/** Creates a class whose records are streamed like those of a model whose messages contain only ids. */
function identifiedRecord(stream: RecordStream | undefined): new (id: string | number) => IdentifiedRecord {
  return class Identified implements IdentifiedRecord {
    static readonly [recordStreamProperty]: RecordStream<IdentifiedRecord> | undefined = stream && {
      topic: stream.topic,
      payload: ({ id }) => ({ id }),
    }
    readonly id: string | number

    constructor(id: string | number) {
      this.id = id
    }
  }
}

async function loading<T>(model: AnyModel, read: () => Promise<T>): Promise<T> {
  try {
    return await databaseAnswer(read())
  } catch (cause) {
    throw new KtError('KT_LOAD_FAILED', `The records of ${model.name} could not be read`, {
      cause,
      retryable: true,
    })
  }
}
