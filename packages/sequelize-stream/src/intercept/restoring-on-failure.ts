import type { Model } from 'sequelize'

/**
 * Remembers the values of a record, so that a write whose COMMIT failed leaves it as a failed statement would have: to
 * be saved again.
 */
function valuesSnapshot(record: Model): () => void {
  const values = record.dataValues as Record<string, unknown>
  const before = { ...values }
  const { isNewRecord } = record
  return () => {
    for (const name of Object.keys(values)) if (!(name in before)) delete values[name]
    Object.assign(values, before)
    record.isNewRecord = isNewRecord
  }
}

/** Runs a write, and restores the record when it fails. */
export async function restoringOnFailure<T>(record: Model, write: () => Promise<T>): Promise<T> {
  const restore = valuesSnapshot(record)
  try {
    return await write()
  } catch (error) {
    restore()
    throw error
  }
}
