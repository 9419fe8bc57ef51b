import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { GlobalOptions } from '../session.ts'

/** An option with its environment variable: `--data-folder` is `KT_DATA_FOLDER`. */
export function option(flags: string, description: string): Option {
  const each = new Option(flags, description)
  return each.env(`KT_${each.name().replaceAll('-', '_').toUpperCase()}`)
}

export function integer(flags: string, description: string): Option {
  return option(flags, description).argParser(toInteger)
}

/** The options of a command, with those of the program. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each command knows what its options are
export function optionsOf<T>(command: Command): T & GlobalOptions {
  return command.optsWithGlobals<T & GlobalOptions>()
}

function toInteger(text: string): number {
  if (/^\d{1,12}$/u.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
