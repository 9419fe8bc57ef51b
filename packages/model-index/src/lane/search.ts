import { recordsBy } from '@kt/sequelize-stream'
import { canContinueAfter } from '@kt/sequelize-stream/internal'
import { Model } from 'sequelize'
import { matchOf } from '../dependents.ts'
import type { Changed } from '../dependents.ts'
import type { AnyModel, Path, Step } from '../path.ts'

/** A part of a cascade: the near records of a step with one of these values, from a record on. */
export interface Search {
  /** The index of the step in the path. */
  readonly step: number
  /** The values of the attribute that connects the near records with the far ones. */
  readonly values: readonly string[]
  /** The key after which to continue. */
  readonly after?: string | number
}

/** A page of records, and what remains to be searched. */
interface Page {
  /** The indexed records of this page; empty while intermediate records are searched. */
  readonly records: readonly object[]
  /** How many records have been read. */
  readonly read: number
  readonly rest: readonly Search[]
}

/** So many changed records are searched for separately. More share searches, and are only coalesced together. */
const separately = 10

/** The most values of a search, so that its message is small. */
const mostValues = 1_000

/** Whether the searches of a path can be continued after any record. */
export function canBeContinued({ steps }: Path): boolean {
  return steps.every(({ near }) => canContinueAfter(near))
}

/** Describes a path, also for other processes. */
export function nameOf({ steps }: Path): string {
  return steps
    .map(({ near, far, holder, foreignKey, key }) =>
      holder === 'near'
        ? `${near.name}.${foreignKey}=${far.name}.${key}`
        : `${near.name}.${key}=${far.name}.${foreignKey}`,
    )
    .join('/')
}

/** Returns the searches with which the cascade of changed records begins. */
export async function firstSearches({ steps }: Path, changed: Changed): Promise<readonly Search[]> {
  const step = steps.length - 1
  const last = steps[step]
  const values = last === undefined ? [] : (await matchOf(last, changed)).values
  return groupsOf(values, values.length > separately ? mostValues : 1).map((group) => ({
    step,
    values: group,
  }))
}

/** Reads one page of a search. */
export async function readPage({ steps }: Path, search: Search, limit: number): Promise<Page> {
  const step = steps[search.step]
  if (step === undefined) return { records: [], read: 0, rest: [] }
  const isIndexed = search.step === 0
  const records = await firstPage(step, search, limit, isIndexed)
  const last = records.at(-1)
  const more =
    last === undefined || records.length < limit ? [] : [{ ...search, after: keyOf(step.near, last) }]
  const next = steps[search.step - 1]
  if (next === undefined) return { records, read: records.length, rest: more }
  const ids = records.map((record) => String(keyOf(step.near, record)))
  // When these records have moved themselves, their own messages reach their former parents.
  const { values } = ids.length === 0 ? { values: [] } : await matchOf(next, { ids, former: () => [] })
  const nearer = groupsOf(values, mostValues).map((group) => ({ step: search.step - 1, values: group }))
  return { records: [], read: records.length, rest: [...nearer, ...more] }
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

/** The primary key of a whole record, or of one of which only the id was read. */
function keyOf(model: AnyModel, record: object): string | number {
  const [key = ''] = model.primaryKeyAttributes
  const values =
    record instanceof Model ? (record.get() as object) : { [key]: (record as { id: unknown }).id }
  return (values as Record<string, string | number>)[key] ?? ''
}

function groupsOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
