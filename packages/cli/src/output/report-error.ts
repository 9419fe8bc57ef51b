import { KtError } from '@kt/core'
import colors from 'picocolors'
import { exitCodes } from '../exit-codes.ts'
import { UserError } from '../user-error.ts'

/** A cause that says what the others do is left out. */
const mostCauses = 4

/**
 * Writes an error to stderr: what is wrong and what to do. The stack trace is shown for mistakes of this program only,
 * and with `KT_DEBUG`.
 *
 * @returns the exit code
 */
export function reportError(error: unknown): number {
  if (KtError.isInstance(error, 'KT_ABORTED')) {
    console.error(colors.yellow('Interrupted'))
    return exitCodes.interrupted
  }
  console.error(`${colors.red('✖')} ${messageOf(error)}`)
  for (const cause of causesOf(error)) console.error(colors.dim(`  because: ${messageOf(cause)}`))
  if (error instanceof UserError && error.remedy !== undefined) console.error(`  ${error.remedy}`)
  if (!isExpected(error) || process.env['KT_DEBUG'] !== undefined)
    console.error(colors.dim(error instanceof Error ? (error.stack ?? '') : ''))
  return exitCodes.failed
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error) && !KtError.isInstance(error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  if (error instanceof AggregateError && error.message === '')
    return [...new Set(error.errors.map(messageOf))].join('; ')
  return `${error.message === '' ? error.name : error.message}${error.message.includes(code.slice(2, -1)) ? '' : code}`
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let each = causeOf(error); each !== undefined && causes.length < mostCauses; each = causeOf(each))
    causes.push(each)
  return causes
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error
    ? (error.cause ?? undefined)
    : undefined
}

/** Whether an error is about the services, the configuration or the call, and not a mistake in this program. */
function isExpected(error: unknown): boolean {
  return !(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
}
