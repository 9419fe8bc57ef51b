import { KtError } from '@kt/core'
import type { AnyModel, Row } from '../model/model-class.ts'
import { recordId } from '../model/record-key.ts'
import type { Where } from '../model/query-writes.ts'
import type { RowLocker, RowPages } from './row-locker.ts'

/** Rows that were locked, and what is about to happen to them. */
export interface LockedRows {
  readonly rows: RowLocker
  readonly pages: RowPages
  /** The condition that they met, by columns. */
  readonly where: Where | undefined
  /** `move` is an update of primary keys. */
  readonly effect: 'update' | 'move' | 'delete'
  /** Locks what the condition of the write finds now. */
  readonly lockAgain: () => Promise<RowPages>
}

/** What a statement for locked rows has come to. */
interface Outcome {
  readonly where: Where
  readonly result: unknown
  /** The rows that the condition should meet. */
  readonly expected: Iterable<readonly Row[]>
}

/**
 * Makes sure that a statement has met the rows that were locked for it. It may rightly have written fewer: a trigger or a
 * rule kept it from them, on MySQL they had these values already, a delete of one took another along, they could not be
 * locked. So when the count differs, the rows are looked for.
 *
 * @throws KtError `KT_STREAM_FAILED`
 */
export async function checkMet(
  model: AnyModel,
  { rows, effect, lockAgain }: LockedRows,
  { where, result, expected }: Outcome,
): Promise<void> {
  let count = 0
  for (const page of expected) count += page.length
  const written = countIn(result)
  if (written === count) return
  const found = await rows.count(where)
  if (count === (effect === 'update' ? found : found + written)) return
  // What was not met though it should have been is still there.
  if (!hasAnyOf(model, expected, await lockAgain())) return
  throw new KtError(
    'KT_STREAM_FAILED',
    `A write of ${model.name} met other rows than it had locked: the primary keys that the driver reads are not those of the table. See to its type parsers`,
    { retryable: false },
  )
}

/** How many rows a statement has written: Sequelize returns that, or the rows, or both. */
function countIn(result: unknown): number {
  if (typeof result === 'number') return result
  if (!Array.isArray(result)) return 0
  const [, second] = result as readonly unknown[]
  return result.length === 2 && typeof second === 'number' ? second : result.length
}

type Pages = Iterable<readonly Row[]>

function hasAnyOf(model: AnyModel, some: Pages, others: Pages): boolean {
  const ids = new Set(idsOf(model, some))
  return idsOf(model, others).some((id) => ids.has(id))
}

function idsOf(model: AnyModel, pages: Pages): readonly string[] {
  return [...pages].flatMap((page) => page.map((row) => String(recordId(model, row))))
}
