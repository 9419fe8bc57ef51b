import { askCatalogue } from './catalogue.ts'
import type { Question } from './catalogue.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import type { ModelWrite } from '../model/query-writes.ts'
import type { Table } from '../model/types.ts'

type Event = 'UPDATE' | 'DELETE'

/** The condition that a table has rules that rewrite an UPDATE (`2`) or a DELETE (`4`). */
export function hasRules(table: string, type: '2' | '4'): string {
  return `EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = ${table} AND ev_type = '${type}')`
}

const questions: Readonly<Record<Event, Question>> = {
  UPDATE: { name: 'UPDATE', condition: (table) => hasRules(table, '2') },
  DELETE: {
    name: 'DELETE',
    // Bits of tgtype: 2 before, 8 delete, 64 instead of.
    condition: (table) =>
      `${hasRules(table, '4')} OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = ${table} AND NOT tgisinternal AND tgtype & 66 <> 0 AND tgtype & 8 <> 0)`,
  },
}

const redirection: Question = {
  name: 'INSERT',
  // Bits of tgtype: 1 for each row, 2 before, 4 insert, 64 instead of.
  condition: (table) =>
    `EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE (tgrelid = ${table} OR tgrelid IN (SELECT relid FROM pg_partition_tree(${table})))
      AND NOT tgisinternal AND tgtype & 1 <> 0 AND tgtype & 66 <> 0 AND tgtype & 4 <> 0)`,
}

/** Whether triggers may redirect an inserted row, so that PostgreSQL doesn't return it. */
export function mayRedirect({ model, options }: ModelWrite, table: Table): Promise<boolean> {
  return askCatalogue(model, table, addedStatementOptions(options), redirection)
}

/**
 * Whether PostgreSQL may replace a statement. Rewrite rules keep it from returning the written rows, and triggers
 * before a DELETE may turn it into a soft one. The answer is cached.
 */
export function isRewritten({ model, options }: ModelWrite, table: Table, event: Event): Promise<boolean> {
  return askCatalogue(model, table, addedStatementOptions(options), questions[event])
}
