import { tables } from './tables.ts'
import type { Dump, TableRow } from './tables.ts'

/** Expected changes of a transaction by `table:id`, with the references that each row has lost. */
export type Difference = Readonly<Record<string, References>>

type References = Readonly<Record<string, readonly string[]>>

/** Compares two dumps. So the database itself determines which changes must be reported. */
export function difference(before: Dump, after: Dump): Difference {
  const found: [string, References][] = []
  for (const table of Object.keys(tables)) {
    const [old, young] = [rowsOf(before, table), rowsOf(after, table)]
    for (const id of new Set([...old.keys(), ...young.keys()])) {
      const [from, to] = [old.get(id), young.get(id)]
      if (JSON.stringify(from) !== JSON.stringify(to))
        found.push([`${table}:${id}`, lostReferences(table, from, to)])
    }
  }
  return Object.fromEntries(found.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function rowsOf(dump: Dump, table: string): ReadonlyMap<string, TableRow> {
  return dump.get(table) ?? new Map<string, TableRow>()
}

function lostReferences(table: string, from: TableRow | undefined, to: TableRow | undefined): References {
  const { foreignKeys = {}, deletedAt = '' } = tables[table] ?? {}
  if (from === undefined) return {}
  // A soft delete removes a row from all its parents. A restore is the reverse and affects them too.
  const isMoved = to === undefined || from[deletedAt] !== to[deletedAt]
  const lost = Object.entries(foreignKeys).filter(
    ([, column]) => from[column] !== null && (isMoved || from[column] !== to[column]),
  )
  return Object.fromEntries(lost.map(([attribute, column]) => [attribute, [String(from[column])]]))
}
