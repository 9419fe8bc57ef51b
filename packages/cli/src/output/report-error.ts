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
  const lines = [error, ...causesOf(error)].map(messageOf)
  const [first, ...causes] = lines.filter((line, number) => !lines.slice(0, number).includes(line))
  console.error(`${colors.red('✖')} ${serviceOf(error)}${first}`)
  for (const cause of causes) console.error(colors.dim(`  because: ${cause}`))
  if (error instanceof UserError && error.remedy !== undefined) console.error(`  ${error.remedy}`)
  if (!isExpected(error) || process.env['KT_DEBUG'] !== undefined)
    console.error(colors.dim(error instanceof Error ? (error.stack ?? '') : ''))
  return exitCodes.failed
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error) && !KtError.isInstance(error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  // Several connections were tried, or several topics were refused.
  const { errors } = error as { readonly errors?: unknown }
  const parts = Array.isArray(errors) ? [...new Set(errors.map(messageOf))].join('; ') : ''
  if (error.message === '' && parts !== '') return parts
  const own = error.message === '' ? error.name : inCommands(error.message)
  const message = parts === '' ? own : `${own}: ${parts}`
  return `${message}${message.includes(code.slice(2, -1)) ? '' : code}`
}

/** What the libraries' errors tell developers to call, as this command has it. */
function inCommands(message: string): string {
  return message
    .replaceAll(
      /(?:call )?ensure\(\{ (\w+): true \}\)/gu,
      (_, option: string) => `"kt apply ${flagOf(option)}"`,
    )
    .replaceAll('call rollback()', '"kt reindex <alias> --rollback"')
    .replaceAll(/(?:call )?ensure\(\)(?: again)?/gu, '"kt apply"')
}

function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`
}

const services: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^KafkaJS/u, 'Kafka: '],
  [/^Sequelize/u, 'The database: '],
  [/^(ConnectionError|ResponseError|TimeoutError|NoLivingConnectionsError)$/u, 'The search engine: '],
]

/** The errors of drivers don't say which service they are about. */
function serviceOf(error: unknown): string {
  const { name } = error as { readonly name?: unknown }
  return services.find(([pattern]) => pattern.test(String(name)))?.[1] ?? ''
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
