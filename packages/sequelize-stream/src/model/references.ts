import { types } from 'node:util'
import { toRecordKey } from '@kt/core/internal'
import type { References } from '@kt/core'
import { plainValue } from './model-class.ts'
import type { Row } from './types.ts'

export const noReferences: References = {}

/** The values of `attributes` in `row`, as references. */
export function referencesIn(row: Row, attributes: readonly string[]): References {
  let found: Record<string, readonly (string | number)[]> | undefined
  for (const attribute of attributes) {
    const value = toReference(row[attribute])
    if (value !== undefined) (found ??= {})[attribute] = [value]
  }
  return found ?? noReferences
}

/** The references of `attributes` in `before` whose value differs in `after`, or is unknown there. */
export function changedReferences(before: Row, after: Row, attributes: readonly string[]): References {
  const changed = attributes.filter(
    (attribute) => String(toReference(before[attribute])) !== String(toReference(after[attribute])),
  )
  return referencesIn(before, changed)
}

/** Merges two sets of references. */
export function uniteReferences(one: References, other: References): References {
  if (one === noReferences) return other
  const united: Record<string, readonly (string | number)[]> = { ...one }
  for (const [attribute, ids] of Object.entries(other))
    united[attribute] = [...new Set([...(united[attribute] ?? []), ...ids])]
  return united
}

function toReference(value: unknown): string | number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  return types.isDate(value) ? value.toISOString() : toRecordKey(plainValue(value))
}
