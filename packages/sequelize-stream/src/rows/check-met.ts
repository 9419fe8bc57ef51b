import { KtError } from '@kt/core'
import { recordId } from '../model/record-key.ts'
import type { RowLocker, RowPages } from './row-locker.ts'
import type { AnyModel, Row, Where } from '../model/types.ts'

/** Locked rows and the write that is about to change them. */
export interface LockedRows {
  readonly rows: RowLocker
  readonly pages: RowPages
  /** The condition that selected them, by columns. */
  readonly where: Where | undefined
  /** `move` is an update of the primary key. */
  readonly effect: 'update' | 'move' | 'delete'
  /** Locks the rows that the write's condition selects now. */
  readonly lockAgain: () => Promise<RowPages>
}

/** The outcome of a statement on locked rows. */
interface Outcome {
  readonly where: Where
  readonly result: unknown
  /** The rows that the condition should select. */
  readonly expected: Iterable<readonly Row[]>
}

/**
 * Checks that a statement has reached the rows that were locked for it. A smaller count can be legitimate: a trigger or
 * a rule prevented the write, MySQL found the values unchanged, deleting one row also deleted another, or the rows
 * could not be locked. So when the counts differ, this looks for the rows.
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
  // A row that should have been written but was not is still there.
  if (!hasAnyOf(model, expected, await lockAgain())) return
  throw new KtError(
    'KT_STREAM_FAILED',
    `A write of ${model.name} met other rows than it had locked: the primary keys that the driver reads differ from those in the table. Check its type parsers`,
    { retryable: false },
  )
}

/** The number of rows that a statement has written. Sequelize returns that number, the rows, or both. */
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
