import type { Model } from 'sequelize'

/**
 * Remembers the values of a record. After a failed COMMIT, the record can be restored and saved again, as after a
 * failed statement.
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

/** Runs a write and restores the record when it fails. */
export async function restoringOnFailure<T>(record: Model, write: () => Promise<T>): Promise<T> {
  const restore = valuesSnapshot(record)
  try {
    return await write()
  } catch (error) {
    restore()
    throw error
  }
}
