import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a server keeps its data and its log. */
export interface WorkFolder {
  readonly path: string
  readonly temporary: boolean
  /** Removes it if it is temporary. */
  remove(): Promise<void>
}

/** @param persistent a folder that is kept; without it, a new one under the system's temporary folder */
export async function openWorkFolder(name: string, persistent: string | undefined): Promise<WorkFolder> {
  if (persistent !== undefined) {
    const path = resolve(persistent)
    await mkdir(path, { recursive: true })
    return { path, temporary: false, remove: () => Promise.resolve() }
  }
  const path = await mkdtemp(join(tmpdir(), `kt-${name}-`))
  return { path, temporary: true, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
