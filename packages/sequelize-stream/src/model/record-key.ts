import { types } from 'node:util'
import { KtError, toRecordKey } from '@kt/core'
import type { AnyModel, Row } from './model-class.ts'

const separator = ','

/**
 * The id by which messages name a record: the primary key as the driver gives it; of a composite key the parts in the
 * order of the model, joined by commas, with commas and percent signs in them percent-encoded.
 *
 * @throws KtError `KT_STREAM_FAILED` when the key has no value that can be an id.
 */
export function recordId(model: AnyModel, values: Row): string | number {
  const id = findRecordId(model, values)
  if (id === undefined)
    throw new KtError('KT_STREAM_FAILED', `A record of ${model.name} has a primary key that can't be an id`, {
      retryable: false,
    })
  return id
}

/** The same; undefined when there is no such value. */
export function findRecordId(model: AnyModel, values: Row): string | number | undefined {
  const attributes = model.primaryKeyAttributes
  return attributes.length === 1 ? toIdPart(values[attributes[0] ?? '']) : joinedId(model, values)
}

function joinedId(model: AnyModel, values: Row): string | undefined {
  const parts = model.primaryKeyAttributes.map((attribute) => toIdPart(values[attribute]))
  if (parts.includes(undefined)) return undefined
  return toRecordKey(parts.map((part) => escapePart(String(part))).join(separator))
}

/** Whether every part of the primary key has a value that can be an id. */
export function hasRecordId(model: AnyModel, values: Row): boolean {
  return model.primaryKeyAttributes.every((attribute) => toIdPart(values[attribute]) !== undefined)
}

/** The values of the primary key in an id, as strings; undefined when it has another number of parts. */
export function parseRecordId(model: AnyModel, id: string): Readonly<Record<string, string>> | undefined {
  const attributes = model.primaryKeyAttributes
  const parts = attributes.length === 1 ? [id] : id.split(separator).map(unescapePart)
  if (parts.length !== attributes.length || parts.includes(undefined)) return undefined
  return Object.fromEntries(attributes.map((attribute, index) => [attribute, parts[index] ?? '']))
}

function toIdPart(value: unknown): string | number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  // Under Jest the driver's dates are of another realm.
  return types.isDate(value) ? value.toISOString() : toRecordKey(value)
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
