import { createHash } from 'node:crypto'
import { recordsBy } from '@kt/sequelize-stream'
import { canContinueAfter } from '@kt/sequelize-stream/internal'
import type { IdentifiedRecord } from '@kt/sequelize-stream'
import { matchOf } from '../dependents.ts'
import type { Changed } from '../dependents.ts'
import type { Path, Step } from '../path.ts'

/** A part of a cascade: the near records of a step with one of these values, from a record on. */
export interface Search {
  /** Describes the path to the changed records. */
  readonly path: string
  /** The index of the step in the path. */
  readonly step: number
  /** The values of the attribute that connects the near records with the far ones. */
  readonly values: readonly string[]
  /** The id after which to continue. */
  readonly after?: string | number
  /** Identifies the changed records. A later pass for the same ones covers the rest of an earlier pass. */
  readonly root: string
}

/** A page of records, and what remains to be searched. */
export interface Page {
  /** The indexed records of this page; empty while intermediate records are searched. */
  readonly records: readonly object[]
  /** How many records have been read. */
  readonly read: number
  readonly rest: readonly Search[]
}

/** So many changed records are searched for separately. More share a search, and are only coalesced together. */
const separately = 10

/** Whether the searches of a path can be continued after any record. */
export function canBeContinued({ steps }: Path): boolean {
  return steps.every(({ near }) => canContinueAfter(near))
}

/** Describes a path, also for other processes. */
export function nameOf({ steps }: Path): string {
  return steps
    .map(
      ({ near, far, holder, foreignKey }) =>
        `${near.name}${holder === 'near' ? '>' : '<'}${foreignKey}:${far.name}`,
    )
    .join('/')
}

/** Returns the searches with which the cascade of changed records begins. */
export async function firstSearches(path: Path, changed: Changed): Promise<readonly Search[]> {
  const { steps } = path
  const last = steps.length - 1
  const values = steps[last] === undefined ? [] : (await matchOf(steps[last], changed)).values
  const groups = values.length > separately ? [values] : values.map((value) => [value])
  const name = nameOf(path)
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({ path: name, step: last, values: group, root: rootOf(name, group) }))
}

/** Reads one page of a search. */
export async function readPage({ steps }: Path, search: Search, limit: number): Promise<Page> {
  const step = steps[search.step]
  if (step === undefined) return { records: [], read: 0, rest: [] }
  const isIndexed = search.step === 0
  const records = await firstPage(step, search, limit, isIndexed)
  const rest: Search[] = []
  const last = records.at(-1)
  if (last !== undefined && records.length === limit)
    rest.push({ ...search, after: (last as IdentifiedRecord).id })
  if (isIndexed) return { records, read: records.length, rest }
  const next = steps[search.step - 1]
  const ids = records.map((record) => String((record as IdentifiedRecord).id))
  if (next !== undefined && ids.length > 0) {
    // When these records have moved themselves, their own messages reach their former parents.
    const { values } = await matchOf(next, { ids, former: () => [] })
    const { path, root } = search
    if (values.length > 0) rest.unshift({ path, step: search.step - 1, values, root })
  }
  return { records: [], read: records.length, rest }
}

async function firstPage(
  { near, holder, foreignKey, key }: Step,
  { values, after }: Search,
  limit: number,
  isIndexed: boolean,
): Promise<readonly object[]> {
  const attribute = holder === 'near' ? foreignKey : key
  const options = {
    paranoid: false,
    chunkSize: limit,
    idsOnly: !isIndexed,
    ...(after !== undefined && { after }),
  }
  for await (const records of recordsBy(near, attribute as never, values, options)) return records
  return []
}

function rootOf(path: string, values: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([path, values.toSorted()]))
  return hash.digest('base64url').slice(0, 16)
}
