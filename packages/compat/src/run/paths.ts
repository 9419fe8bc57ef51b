import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this repository. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url))

export const applicationFolder = fileURLToPath(new URL('../app', import.meta.url))

/** The files of the cases, to be copied next to the application. */
export const filesFolder = fileURLToPath(new URL('../../files', import.meta.url))

/**
 * The folder of the installed applications. It is outside of the repository, so that the repository's `node_modules`
 * are not used. It is kept, so that applications are not installed each time.
 */
export const workFolder = join(tmpdir(), `kt-compat-${userInfo().uid}-${hash(root).slice(0, 8)}`)

export function hash(...contents: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256')
  for (const content of contents) sum.update(content)
  return sum.digest('hex')
}
