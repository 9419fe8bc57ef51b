import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Whether every user can enter the folder. PostgreSQL, started by root, runs as another user. */
export async function reachableByAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  const open = (mode & 0o001) !== 0
  const parent = dirname(folder)
  return open && (parent === folder || (await reachableByAll(parent)))
}
