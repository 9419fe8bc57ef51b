import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { GlobalOptions } from '../session.ts'
import { UserError } from '../user-error.ts'

type Define = (flags: string, description: string) => Option

/** The options of one command, each with an environment variable. */
export interface OptionFactory {
  /** A flag, or an option with a text. */
  readonly option: Define
  /** An option with a whole number. */
  readonly integer: Define
  /** An option with a TCP port. */
  readonly port: Define
}

/**
 * Returns functions that define options. `--rate` of `verify` has the variable `KT_VERIFY_RATE`: with the command's
 * name, so that a variable that somebody has set for another purpose changes nothing.
 *
 * @param command its name; undefined for the options of all commands
 */
export function optionsFor(command?: string): OptionFactory {
  const option: Define = (flags, description) => {
    const each = new Option(flags, description)
    const name = ['kt', command, each.name()].filter((part) => part !== undefined).join('_')
    const variable = name.replaceAll('-', '_').toUpperCase()
    if (each.isBoolean() && !isOn(variable)) delete process.env[variable]
    return each.env(variable)
  }
  return {
    option,
    integer: (flags, description) => option(flags, description).argParser(toInteger),
    port: (flags, description) => option(flags, description).argParser(toPort),
  }
}

/** The options of a command, with those of the program. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each command knows what its options are
export function optionsOf<T>(command: Command): T & GlobalOptions {
  return command.optsWithGlobals<T & GlobalOptions>()
}

/**
 * Whether the variable of a flag says that it is on. Commander takes any text for that.
 *
 * @throws UserError
 */
function isOn(variable: string): boolean {
  const text = process.env[variable] ?? ''
  if (/^(1|true|yes|on)$/iu.test(text)) return true
  if (/^(0|false|no|off|)$/iu.test(text)) return false
  throw new UserError(`${variable} must be true or false`, `It is "${text}".`)
}

function toInteger(text: string): number {
  if (/^[1-9]\d{0,11}$/u.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of at least 1.')
}

function toPort(text: string): number {
  const port = toInteger(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be at most 65535.')
  return port
}
