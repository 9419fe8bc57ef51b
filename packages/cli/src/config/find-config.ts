import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../user-error.ts'

/** The names of configuration files, the preferred one first. */
export const configNames = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(
  (extension) => `kt.config.${extension}`,
)

/**
 * Returns the path of the configuration: the given one, or that in this folder or the next one above that has one.
 *
 * @throws UserError when there is none
 */
export function findConfig(given: string | undefined, from: string = process.cwd()): string {
  if (given !== undefined) {
    const path = resolve(from, given)
    if (existsSync(path)) return path
    throw new UserError(`There is no configuration "${given}"`, 'Check the option --config, or KT_CONFIG.')
  }
  for (let folder = from; ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path))
    if (found !== undefined) return found
    if (dirname(folder) === folder)
      throw new UserError(
        'There is no kt.config.ts (or .mts, .cts, .js, .mjs, .cjs) in this folder or above',
        'Create one with "kt init", or name yours with --config.',
      )
  }
}
