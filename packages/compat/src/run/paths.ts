import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this repository. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url))

export const applicationFolder = fileURLToPath(new URL('../app', import.meta.url))

/** Where the files of the cases are, which go beside the application. */
export const filesFolder = fileURLToPath(new URL('../../files', import.meta.url))

/**
 * Where the applications are installed. Outside of the repository, so that nothing is found in its `node_modules`, and
 * kept, so that they need not be installed each time.
 */
export const workFolder = join(tmpdir(), `kt-compat-${userInfo().uid}-${hash(root).slice(0, 8)}`)

export function hash(...contents: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256')
  for (const content of contents) sum.update(content)
  return sum.digest('hex')
}
