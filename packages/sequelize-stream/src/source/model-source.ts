import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { RecordSource } from '@kt/core'
import type { OptionChecker } from '@kt/core/internal'
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
import { recordId } from '../model/record-key.ts'
import { exactKeys } from '../rows/exact-keys.ts'
import { idCondition } from './id-condition.ts'
import { internals, outsideTransactions, rawRows } from '../model/untyped.ts'
import type { Includes } from './includes.ts'
import { nestRows, rawIncludes, withKey } from './raw-rows.ts'
import type { RawRecord } from './raw-rows.ts'
import type { AnyModel, Row } from '../model/types.ts'

export interface ModelSourceOptions<M extends Model> {
  /** Associated records that a document needs, loaded in the same query. */
  readonly include?: Includeable | readonly Includeable[]
  /**
   * The condition for records that belong in the index. All others are deleted from it.
   *
   * @defaultValue all
   */
  readonly where?: WhereOptions<Attributes<M>>
  /**
   * Names of the model's scopes that select the records that belong in the index. If omitted, the given model applies
   * as it is: with its default scope, or as `Model.scope(…)` or `Model.unscoped()`.
   */
  readonly scope?: string | readonly string[]
  /**
   * The attributes to load, in the form of Sequelize's own `attributes`: names, `[expression, alias]`, or `{ exclude,
   * include }`. The primary key is always loaded. Fewer attributes load faster.
   *
   * @defaultValue all
   */
  readonly attributes?: FindAttributeOptions
  /**
   * Whether soft-deleted records are left out, and therefore deleted from the index.
   *
   * @defaultValue true
   */
  readonly paranoid?: boolean
  /**
   * Whether to read from the primary. A lagging replica would return old rows, or no row at all, which deletes the
   * document.
   *
   * @defaultValue true
   */
  readonly useMaster?: boolean
  /**
   * Whether to load plain objects instead of model instances. This is twice as fast and takes a fifth of the memory,
   * but they have no getters, virtual attributes or methods. Not available for includes of to-many associations.
   *
   * @defaultValue false
   */
  readonly raw?: boolean
  /**
   * A transaction to read in, for tests.
   *
   * @defaultValue none, even if CLS has one
   */
  readonly transaction?: Transaction
}

/**
 * Reads the records of a model for an Indexer: one SELECT by primary key, with joins for its includes. Ids that the
 * column can't contain, such as `abc` for an INTEGER, count as records that don't exist. The id of a DATE key has
 * milliseconds. It stands for any record within that millisecond.
 *
 * @throws KtError `KT_OPTION_INVALID`; `load` throws `KT_LOAD_FAILED`, with the database's error as its cause, or when
 *   two records share an id
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
      // A scope's limit must not make records look deleted.
      const found = await scoped.findAll({ ...find, where, limit, offset: 0 })
      return find.raw === true ? (nestRows(scoped, rawRows(found)) as RawRecord<M>[]) : found
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

/** Creates the error for two records with the same id. One would replace the other in the index. */
function sameId(model: AnyModel): KtError<'KT_LOAD_FAILED'> {
  return new KtError(
    'KT_LOAD_FAILED',
    `Several records of ${model.name} have keys in the same millisecond, so they share an id. Reduce the precision of the key's column to 3`,
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
  return {
    ...(transaction == null ? outsideTransactions : { transaction }),
    useMaster: check.boolean('useMaster', useMaster),
    paranoid: check.boolean('paranoid', paranoid),
    raw: check.boolean('raw', raw),
    ...(include !== undefined && {
      include: (raw
        ? rawIncludes(model, include as Includes, (must) => check.fail('include', must))
        : include) as Includeable[],
    }),
    ...(attributes !== undefined && {
      attributes: withKey(attributes, model.primaryKeyAttributes) as FindAttributeOptions,
    }),
  }
}

function scopeIncludes(model: AnyModel): boolean {
  return internals(model)._scope?.include !== undefined
}
