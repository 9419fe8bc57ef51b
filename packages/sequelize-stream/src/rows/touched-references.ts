import type { References } from '@kt/core'
import { columnOf, deletedAtColumn, foreignKeys } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { changedReferences, noReferences, referencesIn } from '../model/references.ts'

/** What an UPDATE does to the foreign keys of the rows that it writes. */
export interface TouchedReferences {
  /** The attributes whose previous values have to be known. */
  readonly attributes: readonly string[]
  /** The references that a row loses, from its values before. */
  readonly lost: (before: Row) => References
}

/**
 * @param values what is set, by columns
 */
export function touchedReferences(model: AnyModel, values: Row): TouchedReferences {
  const keys = foreignKeys(model)
  const deletedAt = deletedAtColumn(model)
  // A soft delete takes the record away from all its parents, as a real one does.
  if (deletedAt !== undefined && deletedAt in values)
    return { attributes: keys, lost: (before) => referencesIn(before, keys) }
  const touched = keys.filter((attribute) => columnOf(model, attribute) in values)
  if (touched.length === 0) return { attributes: [], lost: () => noReferences }
  const after = Object.fromEntries(
    touched.map((attribute) => [attribute, values[columnOf(model, attribute)]]),
  )
  return { attributes: touched, lost: (before) => changedReferences(before, after, touched) }
}
