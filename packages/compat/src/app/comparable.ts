import { Association, Model, UniqueConstraintError } from 'sequelize'

/** Returns a result as text that is the same in two runs. Replaces times, and records by their values. */
export function comparable(value: unknown): string {
  return JSON.stringify(plainValue(value)) ?? 'undefined'
}

/** Returns the properties of an error that an application uses, as text. */
export function comparableError(error: unknown): string {
  if (!(error instanceof Error)) return comparable(error)
  const { name, message } = error
  const { fields, parent } = error as { fields?: unknown; parent?: { code?: unknown } }
  const isUnique = error instanceof UniqueConstraintError
  return comparable({ name, message, fields, code: parent?.code, isUnique })
}

function plainValue(value: unknown): unknown {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return 'a time'
  // Some mixins return an association.
  if (value instanceof Association) return `the association ${value.as}`
  if (value instanceof Model)
    return { [value.constructor.name]: plainValue(value.get({ plain: true })), isNew: value.isNewRecord }
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]))
}
