import type { Message } from '../ports/message.ts'
import { headerNames } from './headers.ts'

/** The default of `delayMs`, for those who send delay messages and for those who delay them. */
export const defaultDelayMs = 300_000

/** A malformed or forged header must not hold a partition back for longer. */
const longestMs = 24 * 60 * 60 * 1_000

/** The value of the header `kt-delay-ms`; undefined for the default, which needs no header. */
export function encodeAssumedDelay(delayMs: number): string | undefined {
  return delayMs === defaultDelayMs ? undefined : String(delayMs)
}

/** The delay that the writer of a delay message relies on; undefined if it doesn't say, as the Ruby gem. */
export function assumedDelayMs({ headers }: Pick<Message, 'headers'>): number | undefined {
  const text = headers[headerNames.delayMs]
  if (text === undefined) return headers[headerNames.changeId] === undefined ? undefined : defaultDelayMs
  return /^\d{1,10}$/u.test(text) ? Math.min(Number(text), longestMs) : undefined
}
