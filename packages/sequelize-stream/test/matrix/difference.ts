import { tables } from './tables.ts'
import type { Dump, TableRow } from './tables.ts'

/** What must be told of a transaction, by `table:id`: the references that each row has lost. */
export type Difference = Readonly<Record<string, References>>

type References = Readonly<Record<string, readonly string[]>>

/** What has become of the rows from one dump to another: the database itself says what was to be told. */
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
  // A soft delete takes a row from all its parents; so does a restore, seen from the other side.
  const isMoved = to === undefined || from[deletedAt] !== to[deletedAt]
  const lost = Object.entries(foreignKeys).filter(
    ([, column]) => from[column] !== null && (isMoved || from[column] !== to[column]),
  )
  return Object.fromEntries(lost.map(([attribute, column]) => [attribute, [String(from[column])]]))
}
