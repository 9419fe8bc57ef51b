import { KtError } from '@kt/core'
import type { Association } from 'sequelize'
import { columnOf, sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/types.ts'
import { internals, keysOf } from '../model/untyped.ts'

/** An include of Sequelize, reduced to the parts that matter here. */
export interface Include {
  readonly association?: string | Association
  readonly model?: AnyModel
  readonly as?: string
  readonly attributes?: AttributeList
  readonly where?: unknown
  readonly through?: { readonly attributes?: AttributeList; readonly where?: unknown }
  readonly include?: Includes
}

export type Attribute = string | readonly [expression: unknown, name: string]

/** The attributes to load, in Sequelize's form. */
export type AttributeList =
  readonly Attribute[] | { readonly exclude?: readonly string[]; readonly include?: readonly Attribute[] }

export type AnyInclude = string | Association | AnyModel | Include
export type Includes = AnyInclude | readonly AnyInclude[] | undefined

/** An association that an include names, and those that are included within it. */
export interface IncludedAssociation {
  readonly association: Association
  /** The associated model: the target of the association, or a variant of it that the include names. */
  readonly model: AnyModel
  /** The columns of the model that the query reads: those in `attributes`, and `deletedAt`. Undefined if it may read any. */
  readonly columns: readonly string[] | undefined
  /** The same for the rows of the through model. Undefined also if there is none. */
  readonly throughColumns: readonly string[] | undefined
  readonly included: readonly IncludedAssociation[]
}

/**
 * Returns the associations that an include of Sequelize names, as a tree, together with those that the scopes of the
 * models include.
 *
 * @throws KtError `KT_OPTION_INVALID` for an include that names no association of its model, such as `{ all: true }`,
 *   and for one with a join condition of its own (`on`)
 */
export function includeTree(model: AnyModel, include: Includes): readonly IncludedAssociation[] {
  const ofScope = internals(model)._scope?.include as Includes
  return [...listOf(ofScope), ...listOf(include)].map((each) => {
    const association = associationOf(model, each)
    if (association === undefined) throw invalid(`name associations of ${model.name}`)
    const options: Include = isOptions(each) ? each : {}
    if ('on' in options)
      throw invalid('have no "on": such a join condition can\'t be traced back to the indexed records')
    const target = (typeof each === 'function' ? each : options.model) ?? association.target
    const through = keysOf(association).through?.model
    return {
      association,
      model: target,
      columns: isSimple(options) ? columnsRead(target, options) : undefined,
      throughColumns: through && columnsRead(through, options.through ?? {}),
      included: includeTree(target, options.include),
    }
  })
}

function invalid(must: string): KtError {
  return new KtError('KT_OPTION_INVALID', `modelIndex: option "include" must ${must}`, { retryable: false })
}

/** The options of an include that add no columns to those that it loads. */
const simpleOptions = new Set([
  'association',
  'model',
  'as',
  'attributes',
  'through',
  'include',
  'required',
  'paranoid',
  'separate',
])

function isSimple(options: Include): boolean {
  return Object.keys(options).every((name) => simpleOptions.has(name))
}

/** The options of a query that decide which columns it reads. */
interface Query {
  readonly attributes?: AttributeList | undefined
  readonly where?: unknown
}

/**
 * Returns the columns that a query of the model reads, with `deletedAt` but without keys. Undefined if it may read any: no
 * list of names, a condition, a scope, a hook, an expression or a virtual attribute.
 */
export function columnsRead(model: AnyModel, { attributes, where }: Query): readonly string[] | undefined {
  if (where !== undefined || !isPlainQuery(model) || !isPlainList(attributes)) return undefined
  const { _timestampAttributes: timestamps, _virtualAttributes: virtual } = internals(model)
  const isStored = (name: string): boolean => Object.hasOwn(model.rawAttributes, name) && !virtual.has(name)
  if (!attributes.every(isStored)) return undefined
  const { deletedAt } = timestamps
  return [...attributes, ...(deletedAt === undefined ? [] : [deletedAt])].map((name) => columnOf(model, name))
}

const queryHooks = ['beforeFind', 'beforeFindAfterExpandIncludeAll', 'beforeFindAfterOptions'] as const

/** Whether a query of the model reads only what its options say: the model has no scope but includes, and no query hook. */
function isPlainQuery(model: AnyModel): boolean {
  const { include: _, ...others } = internals(model)._scope ?? {}
  return (
    Object.keys(others).length === 0 &&
    !queryHooks.some((hook) => model.hasHook(hook) || sequelizeOf(model).hasHook(hook))
  )
}

function isPlainList(attributes: AttributeList | undefined): attributes is readonly string[] {
  return Array.isArray(attributes) && attributes.every((each) => typeof each === 'string')
}

export function listOf(includes: Includes): readonly AnyInclude[] {
  return [includes ?? []].flat() as readonly AnyInclude[]
}

export function isOptions(include: AnyInclude): include is Include {
  return typeof include === 'object' && !('associationType' in include)
}

export function associationOf(model: AnyModel, include: AnyInclude): Association | undefined {
  if (typeof include === 'string') return model.associations[include]
  if ('associationType' in include) return include
  if (typeof include === 'function') return associationTo(model, include)
  if (include.association !== undefined) return associationOf(model, include.association)
  if (include.as !== undefined) return model.associations[include.as]
  return include.model && associationTo(model, include.model)
}

/** Compares names, because `target` may be a scoped variant. */
function associationTo(model: AnyModel, target: AnyModel): Association | undefined {
  return Object.values(model.associations).find((association) => association.target.name === target.name)
}
