import { KtError } from '@kt/core'
import type { Association } from 'sequelize'
import { internals } from '../model/untyped.ts'
import type { AnyModel } from '../model/types.ts'

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
  /** The attributes of the included records that are loaded or decide about them; undefined if it may be any. */
  readonly reads: readonly string[] | undefined
  /** The same of the rows of a through model. */
  readonly readsThrough: readonly string[] | undefined
  readonly included: readonly IncludedAssociation[]
}

/**
 * Returns the associations that an include of Sequelize names, as a tree, together with those that the scopes of the
 * models include.
 *
 * @throws KtError `KT_OPTION_INVALID` for an include that names no association of its model, such as `{ all: true }`
 */
export function includeTree(model: AnyModel, include: Includes): readonly IncludedAssociation[] {
  const ofScope = internals(model)._scope?.include as Includes
  return [...listOf(ofScope), ...listOf(include)].map((each) => {
    const association = associationOf(model, each)
    if (association === undefined)
      throw new KtError('KT_OPTION_INVALID', `"include" must be made of associations of ${model.name}`, {
        retryable: false,
      })
    const options: Include = isOptions(each) ? each : {}
    const { attributes, where, through, include } = options
    const { target } = association
    const isSimple = Object.keys(options).every((name) => simpleOptions.has(name))
    return {
      association,
      reads: isSimple ? attributesRead(target, attributes, where) : undefined,
      readsThrough: through && namesIn(through.attributes, through.where),
      included: includeTree(target, include),
    }
  })
}

/** The options of an include that don't make it depend on attributes, or only on those that they name. */
const simpleOptions = new Set([
  'association',
  'model',
  'as',
  'attributes',
  'where',
  'through',
  'include',
  'required',
  'paranoid',
  'separate',
])

/**
 * The attributes that a query loads, or that decide which records it finds; undefined if they can't be told from
 * `attributes` and `where`, because all are loaded, or an expression may read any.
 */
export function attributesRead(
  model: AnyModel,
  attributes: AttributeList | undefined,
  where: unknown,
): readonly string[] | undefined {
  const { _scope: scope, _timestampAttributes: timestamps } = internals(model)
  if (scope?.where !== undefined) return undefined
  const names = namesIn(attributes, where)
  const { deletedAt } = timestamps
  return names === undefined || deletedAt === undefined ? names : [...names, deletedAt]
}

function namesIn(attributes: AttributeList | undefined, where: unknown): readonly string[] | undefined {
  if (!isPlainList(attributes)) return undefined
  if (where === undefined) return attributes
  if (typeof where !== 'object' || where === null) return undefined
  const conditions = Reflect.ownKeys(where).map((key) => [key, Reflect.get(where, key) as unknown] as const)
  const names = conditions.flatMap(([key, value]) => (isColumnName(key) && isValue(value) ? [key] : []))
  return names.length === conditions.length ? [...attributes, ...names] : undefined
}

function isPlainList(attributes: AttributeList | undefined): attributes is readonly string[] {
  return Array.isArray(attributes) && attributes.every((each) => typeof each === 'string')
}

/** Whether a key of a condition is an attribute, and neither an operator nor a path to an included model. */
function isColumnName(key: string | symbol): key is string {
  return typeof key === 'string' && /^\w+$/.test(key)
}

/** Whether a condition compares with a value, and not with an expression. */
function isValue(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isValue) : typeof value !== 'object' || value === null
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
