import { createHash } from 'node:crypto'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresUser } from '../install/postgres.ts'
import { reachableByAll } from '../install/reachable.ts'

/**
 * Returns where the server of this work folder keeps its data. This is the folder itself, unless the server's user
 * can't enter it. Then the data are elsewhere, and a note in the folder says where. Removing the folder, to start
 * afresh, also abandons the data elsewhere.
 */
export async function postgresFolder(folder: string, user: PostgresUser | undefined): Promise<string> {
  if (user === undefined) return folder
  await chown(folder, user.uid, user.gid)
  if (await reachableByAll(join(folder, '..'))) return folder
  const outside = `/var/tmp/kt-postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
  const note = join(folder, 'data-folder')
  const noted = await readFile(note, 'utf8').catch(() => '')
  if (noted !== outside) await rm(outside, { recursive: true, force: true })
  await mkdir(outside, { recursive: true, mode: 0o700 })
  await chown(outside, user.uid, user.gid)
  await writeFile(note, outside)
  return outside
}
