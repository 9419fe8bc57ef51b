import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A server's folder for data and log. */
export interface WorkFolder {
  readonly path: string
  readonly temporary: boolean
  /** Removes the folder if it is temporary. */
  remove(): Promise<void>
}

/** @param persistent a folder to keep; without it, creates one in the system's temporary folder */
export async function openWorkFolder(name: string, persistent: string | undefined): Promise<WorkFolder> {
  if (persistent !== undefined) {
    const path = resolve(persistent)
    await mkdir(path, { recursive: true })
    return { path, temporary: false, remove: () => Promise.resolve() }
  }
  const path = await mkdtemp(join(tmpdir(), `kt-${name}-`))
  return { path, temporary: true, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}
