import type { Sync } from '@kt/sync'
import type { Model, ModelStatic, Transaction, WhereOptions } from 'sequelize'
import { sequelize } from '../models/database.ts'

/**
 * Saves a record like a process that dies right after the commit: Kafka has its delay message, and never gets its instant
 * message. It shows how the safety net catches such a write. An application does not need it.
 *
 * @returns when the delay message was sent, on the clock of `performance.now()`; undefined if nothing has changed
 */
export async function saveWithoutInstant(
  { updateStreamer }: Sync,
  record: Model,
  transaction: Transaction,
): Promise<number | undefined> {
  if (record.changed() === false) return undefined
  record.setDataValue('updatedAt', new Date())
  await record.validate()
  const sentAtMs = performance.now()
  await updateStreamer.delay(record)
  const changed = record.changed() || []
  const model = record.constructor as ModelStatic<Model>
  const columns = model.getAttributes()
  const values = changed.map((name) => [columns[name]?.field ?? name, record.get(name)])
  // Bypasses the model, which would send both messages.
  await sequelize
    .getQueryInterface()
    .bulkUpdate(model.tableName, Object.fromEntries(values) as object, record.where() as WhereOptions, {
      transaction,
    })
  return sentAtMs
}
