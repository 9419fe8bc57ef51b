import { randomUUID } from 'node:crypto'
import type { Changed } from '../dependents.ts'
import type { Path } from '../path.ts'
import type { QueuedSearch } from './search-message.ts'
import { firstSearches, readPage } from './search.ts'
import type { Search } from './search.ts'

export interface Lane {
  readonly topic: string
  readonly from: number
  readonly pageSize: number
}

/**
 * Yields the dependents of changed records, as `dependents` does, until as many records have been read as a lane takes
 * over from.
 *
 * @returns the searches that remain for the lane
 */
export async function* firstDependents(
  path: Path,
  changed: Changed,
  { cascade, lane }: { readonly cascade: string; readonly lane: Lane },
): AsyncGenerator<readonly object[], readonly QueuedSearch[]> {
  let left = lane.from
  const open: Search[] = [...(await firstSearches(path, changed))]
  while (left > 0) {
    const search = open.shift()
    if (search === undefined) return []
    const { records, read, rest } = await readPage(path, search, Math.min(left, lane.pageSize))
    if (records.length > 0) yield records
    left -= read
    open.unshift(...rest)
  }
  const pass = randomUUID()
  return open.map((search) => ({ ...search, cascade, pass, begins: true }))
}
