import type { Message } from '../ports/message.ts'
import { headerNames } from './headers.ts'

/**
 * The value of the header `kt-changed`; undefined if a name contains a comma, or there is none. Without the header, any
 * column may have changed.
 */
export function encodeChangedColumns(columns: readonly string[]): string | undefined {
  return columns.length === 0 || columns.some((name) => name.includes(',')) ? undefined : columns.join(',')
}

/** The columns that a change has written; undefined if it may have changed any, like a new or a deleted record. */
export function changedColumns({ headers }: Pick<Message, 'headers'>): readonly string[] | undefined {
  const names = headers[headerNames.changed]
  return names === undefined ? undefined : names.split(',')
}

/** Whether a change matters to somebody who reads only these columns; all if undefined. */
export function hasChanged(
  message: Pick<Message, 'headers'>,
  columns: ReadonlySet<string> | undefined,
): boolean {
  return columns === undefined || (changedColumns(message)?.some((name) => columns.has(name)) ?? true)
}
