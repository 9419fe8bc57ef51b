import { types } from 'node:util'
import { KtError } from '@kt/core'
import { toRecordKey } from '@kt/core/internal'
import { DataTypes } from 'sequelize'
import { plainValue, typeKeyOf } from './model-class.ts'
import type { AnyModel, Row } from './types.ts'

const separator = ','

/**
 * The id that identifies a record in messages: the primary key as the driver returns it. For a composite key, the parts
 * in the model's order, joined by commas, with commas and percent signs in them percent-encoded.
 *
 * @throws KtError `KT_STREAM_FAILED` when the key's value can't be an id
 */
export function recordId(model: AnyModel, values: Row): string | number {
  const id = findRecordId(model, values)
  if (id === undefined)
    throw new KtError(
      'KT_STREAM_FAILED',
      `A record of ${model.name} has a primary key that can't be an id: use a whole number, or a text of 1 to 512 bytes`,
      {
        retryable: false,
      },
    )
  return id
}

/** Like `recordId`, but returns undefined when the key's value can't be an id. */
export function findRecordId(model: AnyModel, values: Row): string | number | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  return others.length === 0 ? toIdPart(model, attribute, values[attribute]) : joinedId(model, values)
}

function joinedId(model: AnyModel, values: Row): string | undefined {
  const parts = model.primaryKeyAttributes.map((attribute) => toIdPart(model, attribute, values[attribute]))
  if (parts.includes(undefined)) return undefined
  return toRecordKey(parts.map((part) => escapePart(String(part))).join(separator))
}

/** Whether every part of the primary key has a value that can be an id. */
export function hasRecordId(model: AnyModel, values: Row): boolean {
  return model.primaryKeyAttributes.every(
    (attribute) => toIdPart(model, attribute, values[attribute]) !== undefined,
  )
}

/** The primary key's values in an id, as strings; undefined when the number of parts differs. */
export function parseRecordId(model: AnyModel, id: string): Readonly<Record<string, string>> | undefined {
  const attributes = model.primaryKeyAttributes
  const parts = attributes.length === 1 ? [id] : id.split(separator).map(unescapePart)
  if (parts.length !== attributes.length || parts.includes(undefined)) return undefined
  return Object.fromEntries(attributes.map((attribute, index) => [attribute, parts[index] ?? '']))
}

/** Converts a part of an id to a value for a condition. Sequelize doesn't accept a text for an infinite date. */
export function fromIdPart(model: AnyModel, attribute: string, text: string): string | number {
  return mayBeInfinite(model, attribute) && isInfinite(Number(text)) ? Number(text) : text
}

function toIdPart(model: AnyModel, attribute: string, value: unknown): string | number | undefined {
  if (typeof value === 'number') {
    if (isInfinite(value) && mayBeInfinite(model, attribute)) return String(value)
    return Number.isSafeInteger(value) ? value : undefined
  }
  // Under Jest, the driver's dates belong to another realm.
  if (types.isDate(value)) return value.toISOString()
  const isDate = typeof value === 'string' && typeKeyOf(model, attribute) === DataTypes.DATE.key
  return toRecordKey(isDate ? isoText(value) : plainValue(value))
}

/** Converts a date to the form in ids. SQLite returns a text in UTC, and packed rows contain texts as well. */
function isoText(text: string): string {
  const date = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(date.getTime()) ? text : date.toISOString()
}

/** PostgreSQL has dates before and after all others. */
function mayBeInfinite(model: AnyModel, attribute: string): boolean {
  return [DataTypes.DATE.key, DataTypes.DATEONLY.key].includes(typeKeyOf(model, attribute))
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Number.POSITIVE_INFINITY
}

function escapePart(part: string): string {
  return part.replaceAll(/[%,]/g, encodeURIComponent)
}

function unescapePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
