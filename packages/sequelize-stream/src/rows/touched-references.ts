import type { References } from '@kt/core'
import { columnOf, deletedAtColumn, foreignKeys } from '../model/model-class.ts'
import { changedReferences, noReferences, referencesIn } from '../model/references.ts'
import type { AnyModel, Row } from '../model/types.ts'

/** The effect of an UPDATE on the foreign keys of its rows. */
export interface TouchedReferences {
  /** The attributes whose previous values must be known. */
  readonly attributes: readonly string[]
  /** The references that a row loses, given its previous values. */
  readonly lost: (before: Row) => References
}

/** @param values the new values, by columns */
export function touchedReferences(model: AnyModel, values: Row): TouchedReferences {
  const keys = foreignKeys(model)
  const deletedAt = deletedAtColumn(model)
  // A soft delete removes the record from all its parents, as a real delete does.
  if (deletedAt !== undefined && deletedAt in values)
    return { attributes: keys, lost: (before) => referencesIn(before, keys) }
  const touched = keys.filter((attribute) => columnOf(model, attribute) in values)
  if (touched.length === 0) return { attributes: [], lost: () => noReferences }
  const after = Object.fromEntries(
    touched.map((attribute) => [attribute, values[columnOf(model, attribute)]]),
  )
  return { attributes: touched, lost: (before) => changedReferences(before, after, touched) }
}
