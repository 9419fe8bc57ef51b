import type { Message } from '../ports/message.ts'
import { headerNames } from './headers.ts'

/**
 * The value of the header `kt-changed`; undefined if a name contains a comma. Without the header, any attribute may have
 * changed.
 */
export function encodeChangedAttributes(attributes: readonly string[]): string | undefined {
  return attributes.some((name) => name.includes(',')) ? undefined : attributes.join(',')
}

/** The attributes that a change has written; undefined if it may have changed any, like a new or a deleted record. */
export function changedAttributes({ headers }: Pick<Message, 'headers'>): readonly string[] | undefined {
  const names = headers[headerNames.changed]
  return names === undefined ? undefined : names.split(',')
}
