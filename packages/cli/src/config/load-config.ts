import { relative } from 'node:path'
import type { SyncConfig } from '@kt/sync'
import { createJiti } from 'jiti'
import { UserError } from '../user-error.ts'

/**
 * Loads a configuration in TypeScript or JavaScript, as an ES module or CommonJS. Its default export is the object of
 * `defineConfig`, or a function that returns it or a promise of it.
 *
 * @throws UserError when it can't be loaded
 */
export async function loadConfig(path: string): Promise<SyncConfig> {
  const name = relative(process.cwd(), path)
  let loaded: unknown
  try {
    const jiti = createJiti(path, { interopDefault: true })
    loaded = await jiti.import(path, { default: true })
    if (typeof loaded === 'function') loaded = await (loaded as () => unknown)()
  } catch (cause) {
    throw new UserError(`The configuration ${name} could not be loaded`, undefined, { cause })
  }
  if (typeof loaded !== 'object' || loaded === null || !('indexes' in loaded))
    throw new UserError(
      `The configuration ${name} has no default export with "indexes"`,
      'Write: export default defineConfig({ … })',
    )
  return loaded as SyncConfig
}
