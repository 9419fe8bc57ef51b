import type { RecordSource } from '@kt/core'
import { Model } from 'sequelize'
import type { ModelStatic } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { internals } from '../model/untyped.ts'
import type { AnyModel, Row } from '../model/types.ts'
import { associationOf, isOptions, listOf } from './includes.ts'
import type { AnyInclude, AttributeList, Includes } from './includes.ts'
import { withKey } from './raw-rows.ts'
import type { RawRecord } from './raw-rows.ts'

/** What a query loads. */
interface Query {
  readonly attributes?: AttributeList | undefined
  readonly include?: Includes
}

/**
 * Whether records of a query can be lazy: whether the values of its plain rows are those that instances have. That is so
 * without getters, without hooks that change what was found, and without to-many associations, which plain rows repeat.
 */
export function canBeLazy(model: AnyModel, { attributes, include }: Query): boolean {
  const sequelize = sequelizeOf(model)
  return (
    hasOnlyStored(model, attributes) &&
    // Other dialects convert some values only for instances.
    sequelize.getDialect() === 'postgres' &&
    !model.hasHook('afterFind') &&
    !sequelize.hasHook('afterFind') &&
    internals(model)._scope?.include === undefined &&
    internals(model)._scope?.attributes === undefined &&
    // Accessors of attributes call these methods.
    readers.every((name) => model.prototype[name] === Model.prototype[name]) &&
    !Object.keys(model.rawAttributes).some((name) => isComputed(model, name)) &&
    listOf(include).every((each) => {
      const association = associationOf(model, each)
      if (association === undefined || association.isMultiAssociation) return false
      return canBeLazy(modelOf(each) ?? association.target, isOptions(each) ? each : {})
    })
  )
}

/** Methods that a model may override to read its attributes in its own way. */
const readers = ['get', 'getDataValue'] as const

/** Whether a list of attributes has no virtual one, for which Sequelize would load others. */
function hasOnlyStored(model: AnyModel, attributes: AttributeList | undefined): boolean {
  if (attributes === undefined) return true
  const virtual = internals(model)._virtualAttributes
  return (
    Array.isArray(attributes) &&
    (attributes as readonly unknown[]).every((each) => typeof each !== 'string' || !virtual.has(each))
  )
}

/** The model that an include names, which may be a scoped variant of the association's target. */
function modelOf(include: AnyInclude): AnyModel | undefined {
  if (typeof include === 'function') return include
  return isOptions(include) ? include.model : undefined
}

/** Whether an instance may have another value for a stored attribute than its row. */
function isComputed(model: AnyModel, name: string): boolean {
  const { getterMethods = {} } = model.options
  const hasGetter = model.rawAttributes[name]?.get !== undefined || Object.hasOwn(getterMethods, name)
  return (hasGetter && !internals(model)._virtualAttributes.has(name)) || name in Model.prototype
}

/**
 * Turns the plain rows of a source into records of the model, without the cost of instances. A row's values are its own
 * properties. Everything else, such as methods, comes from an instance that is built only then.
 */
export function lazyRecords<M extends Model>(
  model: ModelStatic<M>,
  query: Query,
  source: RecordSource<RawRecord<M>>,
): RecordSource<M> {
  const asRecord = recordOf(model, query)
  return {
    ...(source as RecordSource<unknown>),
    load: async (ids) => {
      const rows = (await source.load(ids)) as readonly Row[]
      return rows.map(asRecord) as readonly object[] as readonly M[]
    },
  }
}

/** @returns a function that makes a row a record, and its included rows, too */
function recordOf(model: AnyModel, { attributes, include }: Query): (row: Row) => Row {
  const built = new WeakMap<Row, Model>()
  const names = attributes && withKey(attributes, model.primaryKeyAttributes)
  const instanceOf = (row: Row): Model => {
    let instance = built.get(row)
    if (instance === undefined) {
      const options = { isNewRecord: false, raw: true, attributes: names, include: copyOf(include) }
      built.set(row, (instance = model.build({ ...row }, options as object)))
    }
    return instance
  }
  const prototype = new Proxy(Object.create(model.prototype as object) as object, {
    get: (target, name, row: Row) => {
      if (name === 'constructor') return Reflect.get(target, name) as unknown
      const instance = instanceOf(row)
      const value: unknown = Reflect.get(instance, name)
      return typeof value === 'function' ? (value.bind(instance) as unknown) : value
    },
  })
  const included = listOf(include).map((each) => {
    const association = associationOf(model, each)
    const query = isOptions(each) ? each : {}
    const far = association && (modelOf(each) ?? association.target)
    return far && { name: association.as, asRecord: recordOf(far, query) }
  })
  return (row) => {
    for (const each of included) {
      const value = each && row[each.name]
      if (typeof value === 'object' && value !== null) each?.asRecord(value as Row)
    }
    return Object.setPrototypeOf(row, prototype) as Row
  }
}

/** Copies an include, because `build` changes the one that it is given. */
function copyOf(include: Includes): readonly AnyInclude[] {
  return listOf(include).map((each) =>
    isOptions(each)
      ? { ...each, ...(each.include !== undefined && { include: copyOf(each.include) }) }
      : each,
  )
}
