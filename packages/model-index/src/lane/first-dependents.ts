import type { Path } from '../path.ts'
import { readPage } from './search.ts'
import type { Search } from './search.ts'

/**
 * Yields the records of a search, until as many have been read as a lane takes over from.
 *
 * @returns whether there are more
 */
export async function* firstDependents(
  path: Path,
  search: Search,
  { from, pageSize }: { readonly from: number; readonly pageSize: number },
): AsyncGenerator<readonly object[], boolean> {
  let left = from
  const open = [search]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (left === 0) return true
    const { records, read, rest } = await readPage(path, next, Math.min(left, pageSize))
    if (records.length > 0) yield records
    left -= read
    open.unshift(...rest)
  }
  return false
}
