import { isDeepStrictEqual } from 'node:util'
import type { Contents } from './contents.ts'

/** A document that differs from its row. */
export interface Difference {
  readonly of: keyof Contents
  readonly id: string
  /** The expected document. Absent if there is no row. */
  readonly expected?: object
  /** The actual document. Absent if there is none. */
  readonly found?: object
}

/** Compares every row with every document, in both directions. */
export function differences(rows: Contents, documents: Contents): Difference[] {
  return [...differencesOf('cities', rows, documents), ...differencesOf('countries', rows, documents)]
}

function differencesOf(of: keyof Contents, rows: Contents, documents: Contents): Difference[] {
  const ids = new Set([...rows[of].keys(), ...documents[of].keys()])
  const found: Difference[] = []
  for (const id of ids) {
    const row = rows[of].get(id)
    const document = documents[of].get(id)
    if (isDeepStrictEqual(row, document)) continue
    found.push({
      of,
      id,
      ...(row !== undefined && { expected: row }),
      ...(document !== undefined && { found: document }),
    })
  }
  return found
}
