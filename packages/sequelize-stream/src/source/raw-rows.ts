import type { Model } from 'sequelize'
import { associationOf, isOptions, listOf } from './includes.ts'
import type { Attribute, AttributeList, Include, Includes } from './includes.ts'
import type { AnyModel, Row } from '../model/types.ts'

/** A record as a plain object: its stored values and its includes, without methods, getters and virtual attributes. */
export type RawRecord<M extends Model> = {
  -readonly [
    Key in Exclude<keyof M, keyof Model> as M[Key] extends (...args: never[]) => unknown ? never : Key
  ]: RawValue<M[Key]>
}

type RawValue<Value> = Value extends Model ? RawRecord<Value> : Value

/**
 * Adds the primary keys of included records to the includes. They distinguish an existing record from a missing one,
 * and Sequelize adds them for instances only.
 *
 * @throws the error of `fail` for a to-many association, which would return one row per associated record without
 *   Sequelize merging them
 */
export function rawIncludes(
  model: AnyModel,
  includes: Includes,
  fail: (must: string) => never,
): readonly Include[] {
  return listOf(includes).map((include) => {
    const association = associationOf(model, include)
    if (association === undefined) return fail(`made of associations of ${model.name} when raw is true`)
    if (association.isMultiAssociation)
      return fail(`without ${association.as}, an association to many, when raw is true`)
    const { target } = association
    // A model may be a scoped variant of the association's target.
    const options: Include = isOptions(include)
      ? include
      : typeof include === 'function'
        ? { model: include }
        : {}
    const { attributes } = options
    return {
      ...options,
      association,
      ...(attributes !== undefined && { attributes: withKey(attributes, target.primaryKeyAttributes) }),
      ...(options.include !== undefined && { include: rawIncludes(target, options.include, fail) }),
    }
  })
}

/** Adds the primary key to the attributes. */
export function withKey(attributes: AttributeList, key: readonly string[]): AttributeList {
  if (isList(attributes)) return [...new Set([...key, ...attributes])]
  return { ...attributes, exclude: attributes.exclude?.filter((name) => !key.includes(name)) ?? [] }
}

function isList(attributes: AttributeList): attributes is readonly Attribute[] {
  return Array.isArray(attributes)
}

/** Maps the values of a row to the record itself and to each included record. */
interface Shape {
  readonly values: { readonly key: string; readonly name: string }[]
  /** An array, because it is iterated for every row. */
  readonly included: { readonly name: string; readonly shape: Shape }[]
}

/**
 * Nests keys such as `brand.name` into an object `brand`, or null if there is no such record. The shape is derived
 * once, from the first row. Sequelize's `nest` derives it for each row.
 */
export function nestRows(model: AnyModel, rows: readonly Row[]): readonly Row[] {
  const [first] = rows
  if (first === undefined) return rows
  const shape = shapeOf(model, Object.keys(first))
  return shape.included.length === 0 ? rows : rows.map((row) => nest(row, shape))
}

function shapeOf(model: AnyModel, keys: readonly string[]): Shape {
  const shape: Shape = { values: [], included: [] }
  for (const key of keys) place(key, key, model, shape)
  return shape
}

/** An attribute's name may contain a dot, too. */
function place(key: string, path: string, model: AnyModel, shape: Shape): void {
  const dot = path.indexOf('.')
  const association = dot === -1 ? undefined : model.associations[path.slice(0, dot)]
  if (association === undefined) {
    shape.values.push({ key, name: path })
    return
  }
  place(key, path.slice(dot + 1), association.target, shapeIn(shape, association.as))
}

function shapeIn({ included }: Shape, name: string): Shape {
  const found = included.find((each) => each.name === name)
  if (found !== undefined) return found.shape
  const shape: Shape = { values: [], included: [] }
  included.push({ name, shape })
  return shape
}

function nest(row: Row, { values, included }: Shape): Row {
  const record: Record<string, unknown> = {}
  for (const { key, name } of values) record[name] = row[key]
  for (const { name, shape } of included) record[name] = isThere(row, shape) ? nest(row, shape) : null
  return record
}

/** An existing included record has at least a primary key. */
function isThere(row: Row, { values }: Shape): boolean {
  return values.some(({ key }) => row[key] !== null)
}
