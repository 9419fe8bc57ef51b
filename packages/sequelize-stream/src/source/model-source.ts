import { KtError, optionChecker } from '@kt/core'
import type { OptionChecker, RecordSource } from '@kt/core'
import type {
  Attributes,
  FindAttributeOptions,
  FindOptions,
  Includeable,
  Model,
  ModelStatic,
  Transaction,
  WhereOptions,
} from 'sequelize'
import { Op } from 'sequelize'
import { valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { recordId } from '../model/record-key.ts'
import { exactKeys } from '../rows/exact-keys.ts'
import { idCondition } from './id-condition.ts'
import { nestRows, rawIncludes, withKey } from './raw-rows.ts'
import type { AttributeList, Includes, RawRecord } from './raw-rows.ts'

export interface ModelSourceOptions<M extends Model> {
  /** What else a document needs: associated records, loaded along. */
  readonly include?: Includeable | readonly Includeable[]
  /** Which records belong in the index. The others are deleted from it. @defaultValue all */
  readonly where?: WhereOptions<Attributes<M>>
  /**
   * Names of the model's scopes that say which records belong in the index. Without it the model counts as it is
   * handed over: with its default scope, or `Model.scope(…)`, `Model.unscoped()`.
   */
  readonly scope?: string | readonly string[]
  /**
   * The attributes to load, as Sequelize's own `attributes`: names, `[expression, alias]`, or `{ exclude, include }`. The
   * primary key is always loaded. Fewer are faster.
   *
   * @defaultValue all
   */
  readonly attributes?: FindAttributeOptions
  /**
   * Whether soft-deleted records are left out, and so deleted from the index.
   *
   * @defaultValue true
   */
  readonly paranoid?: boolean
  /**
   * Whether to read from the primary. A replica that lags would show the past, or no row at all, which is a delete.
   *
   * @defaultValue true
   */
  readonly useMaster?: boolean
  /**
   * Whether to load plain objects instead of instances of the model: twice as fast, with a fifth of the memory, but
   * without getters, virtual attributes and methods. Not for includes of many.
   *
   * @defaultValue false
   */
  readonly raw?: boolean
  /** A transaction to read in, for tests. @defaultValue none, whatever CLS says */
  readonly transaction?: Transaction
}

/**
 * Where an Indexer reads the records of a model: one SELECT by primary key, with joins for what it includes.
 *
 * Ids that the column can't hold, such as `abc` for an INTEGER, are left out as records that do not exist.
 *
 * The id of a DATE key has milliseconds: it stands for whichever record the database has in that millisecond.
 *
 * @throws KtError `KT_OPTION_INVALID`; `load` throws `KT_LOAD_FAILED`, with the database's error as its cause, or when two
 *   records share an id.
 */
export function modelSource<M extends Model>(
  model: ModelStatic<M>,
  options: ModelSourceOptions<M> & { readonly raw: true },
): RecordSource<RawRecord<M>>
export function modelSource<M extends Model>(
  model: ModelStatic<M>,
  options?: ModelSourceOptions<M> & { readonly raw?: false },
): RecordSource<M>
export function modelSource<M extends Model>(
  model: ModelStatic<M>,
  options: ModelSourceOptions<M> = {},
): RecordSource<M | RawRecord<M>> {
  const check = optionChecker('modelSource')
  if (typeof model !== 'function' || model.sequelize === undefined)
    check.fail('model', 'an initialised Sequelize model', model)
  if (model.primaryKeyAttributes.length === 0) check.fail('model', 'a model with a primary key', model)
  const scoped =
    options.scope === undefined
      ? model
      : model.scope(typeof options.scope === 'string' ? options.scope : [...options.scope])
  const find = findOptions(scoped, options, check)
  const id = (record: M | RawRecord<M>): string =>
    String(recordId(model, find.raw === true ? (record as Row) : valuesOf(record as M)))
  const read = async (where: WhereOptions<Attributes<M>>, limit: number): Promise<(M | RawRecord<M>)[]> => {
    try {
      // A limit that a scope sets must not make records look deleted.
      const found = await scoped.findAll({ ...find, where, limit, offset: 0 })
      return find.raw === true ? (nestRows(scoped, found as unknown as Row[]) as RawRecord<M>[]) : found
    } catch (cause) {
      throw new KtError('KT_LOAD_FAILED', `The records of ${model.name} could not be read`, {
        cause,
        retryable: true,
      })
    }
  }
  return {
    id,
    load: async (ids) => {
      const byKey = idCondition(model, ids) as WhereOptions<Attributes<M>> | undefined
      if (byKey === undefined) return []
      const where = options.where === undefined ? byKey : { [Op.and]: [byKey, options.where] }
      if (exactKeys(model).length === 0) return read(where, ids.length)
      const records = await read(where, Number.MAX_SAFE_INTEGER)
      if (new Set(records.map(id)).size < records.length) throw sameId(model)
      return records
    },
  }
}

/** One of them would take the place of the other in the index. */
function sameId(model: AnyModel): KtError<'KT_LOAD_FAILED'> {
  return new KtError(
    'KT_LOAD_FAILED',
    `Records of ${model.name} have keys in the same millisecond, so they share an id: give the key's column a precision of 3`,
    { retryable: false },
  )
}

function findOptions<M extends Model>(
  model: ModelStatic<M>,
  options: ModelSourceOptions<M>,
  check: OptionChecker,
): FindOptions {
  const { include, attributes, transaction, useMaster = true, paranoid = true, raw = false } = options
  if (raw && scopeIncludes(model)) check.fail('scope', 'one without include when raw is true')
  // Sequelize distinguishes null, which keeps CLS out, though its types do not.
  const inTransaction = { transaction: transaction ?? null } as FindOptions
  return {
    ...inTransaction,
    useMaster: check.boolean('useMaster', useMaster),
    paranoid: check.boolean('paranoid', paranoid),
    raw: check.boolean('raw', raw),
    ...(include !== undefined && {
      include: (raw
        ? rawIncludes(model, include as Includes, (must) => check.fail('include', must))
        : include) as Includeable[],
    }),
    ...(attributes !== undefined && {
      attributes: withKey(attributes as AttributeList, model.primaryKeyAttributes) as FindAttributeOptions,
    }),
  }
}

function scopeIncludes(model: AnyModel): boolean {
  return (
    (model as unknown as { readonly _scope?: { readonly include?: unknown } })._scope?.include !== undefined
  )
}
