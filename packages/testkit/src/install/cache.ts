import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'

const building = new Map<string, Promise<string>>()

/**
 * Returns a cache folder with the result of `build`, from this run or an earlier one. The folder appears atomically. A
 * build that fails or is killed leaves nothing that a later run could mistake for a complete one.
 *
 * @param key identifies the content and must change when the content would
 * @param root the cache's root folder, if not the default one
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
    // Another process may have been faster. Its folder is just as good.
    if (!(await exists(folder))) throw error
  }
  return folder
}

/** `KT_CACHE_DIR`, else `~/.cache/kt`, else a folder in the temporary folder if the home is not writable. */
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
