import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'

const building = new Map<string, Promise<string>>()

/**
 * A folder of the cache that holds what `build` put there, in this run or in an earlier one. It appears all at once:
 * a build that fails or is killed leaves nothing that a later run could mistake for a finished one.
 *
 * @param key names the content: it must change when the content would
 * @param root the folder of the cache, if not the usual one
 */
export function cachedFolder(
  key: string,
  build: (folder: string) => Promise<void>,
  root?: string,
): Promise<string> {
  const known = building.get(key)
  if (known !== undefined) return known
  const folder = findOrBuild(key, build, root)
  building.set(key, folder)
  folder.catch(() => building.delete(key))
  return folder
}

async function findOrBuild(
  key: string,
  build: (folder: string) => Promise<void>,
  root: string | undefined,
): Promise<string> {
  const folder = join(root ?? (await cacheRoot()), key)
  if (await exists(folder)) return folder
  await mkdir(dirname(folder), { recursive: true })
  const draft = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`))
  try {
    await build(draft)
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process may have been faster: its folder is as good as ours.
    if (!(await exists(folder))) throw error
  }
  return folder
}

/** `KT_CACHE_DIR`, else `~/.cache/kt`, else, where there is no writable home, a folder of the temporary one. */
async function cacheRoot(): Promise<string> {
  const chosen = process.env['KT_CACHE_DIR']
  const root = chosen === undefined || chosen === '' ? join(homedir(), '.cache', 'kt') : chosen
  try {
    await mkdir(root, { recursive: true })
    return root
  } catch (error) {
    if (root === chosen) throw error
    const fallback = join(tmpdir(), `kt-cache-${userInfo().uid}`)
    await mkdir(fallback, { recursive: true, mode: 0o700 })
    return fallback
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
