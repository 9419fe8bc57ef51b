import type { QueryInterface } from 'sequelize'
import { arithmetic, bulkDelete, bulkUpdate } from './bulk-writes.ts'
import { bulkInsert, upsert } from './insert-writes.ts'
import type { QueryWrites, WriteOptions } from '../model/query-writes.ts'
import { writesOf } from '../model/query-writes.ts'
import { destroy, insert, update } from './record-writes.ts'
import type { StreamedModel } from '../write-scope.ts'

/** The options of `streamedQueries`. */
export type StreamedQueriesOptions = Omit<StreamedModel, 'writes'>

/**
 * Creates Sequelize's query interface for one model, with streamed writes. All other methods are inherited from the
 * original, which is the prototype.
 */
export function streamedQueries(original: QueryInterface, options: StreamedQueriesOptions): QueryInterface {
  const writes = writesOf(original)
  const streamed: StreamedModel = {
    ...options,
    // Bind them, because Sequelize's methods must call the original methods, not these.
    writes: {
      insert: writes.insert.bind(writes),
      update: writes.update.bind(writes),
      delete: writes.delete.bind(writes),
      upsert: writes.upsert.bind(writes),
      bulkInsert: writes.bulkInsert.bind(writes),
      bulkUpdate: writes.bulkUpdate.bind(writes),
      bulkDelete: writes.bulkDelete.bind(writes),
      increment: writes.increment.bind(writes),
      decrement: writes.decrement.bind(writes),
    },
  }
  const overrides: QueryWrites = {
    insert: (...args) => insert(streamed, ...args),
    update: (...args) => update(streamed, ...args),
    delete: (...args) => destroy(streamed, ...args),
    upsert: (table, inserted, updated, where, upsertOptions) =>
      upsert(streamed, table, inserted, updated, where, upsertOptions as Parameters<typeof upsert>[5]),
    bulkInsert: (...args) => bulkInsert(streamed, ...args),
    bulkUpdate: (...args) => bulkUpdate(streamed, ...args),
    bulkDelete: (table, where, deleteOptions: WriteOptions) =>
      bulkDelete(streamed, table, where, deleteOptions),
    increment: (...args) => arithmetic(streamed, 'increment', ...args),
    decrement: (...args) => arithmetic(streamed, 'decrement', ...args),
  }
  return Object.assign(Object.create(original) as QueryInterface, overrides)
}
