import { readdir, rm } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { cachedFolder, runCommand, UnavailableError } from 'testkit'
import type { InstallOptions } from 'testkit'

export interface RedisInstallation {
  readonly command: string
  readonly env: NodeJS.ProcessEnv
}

/** Returns the `redis-server` on the path, else Debian's, unpacked into the cache, which does not need root. */
export async function installRedis(options: InstallOptions): Promise<RedisInstallation> {
  const ofSystem = { command: 'redis-server', env: process.env }
  if (await works(ofSystem)) return ofSystem
  const home = await cachedFolder(`redis-debian-${arch()}`, async (folder) => {
    await unpackPackages(folder, options).catch((error: unknown) => {
      throw missing('its packages could not be downloaded and unpacked', error)
    })
    if (!(await works(await unpacked(folder)))) throw missing('what its packages hold does not run')
  })
  return unpacked(home)
}

async function works({ command, env }: RedisInstallation): Promise<boolean> {
  return runCommand(command, ['--version'], { env }).then(
    () => true,
    () => false,
  )
}

async function unpackPackages(folder: string, { onProgress, signal }: InstallOptions): Promise<void> {
  onProgress('Redis: downloading the packages')
  const libraries = await librariesOf('redis-tools')
  await runCommand('apt-get', ['download', 'redis-server', 'redis-tools', ...libraries], {
    cwd: folder,
    signal,
  })
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
  for (const archive of archives) {
    await runCommand('dpkg-deb', ['-x', archive, '.'], { cwd: folder, signal })
    await rm(join(folder, archive))
  }
}

/** Leaves out the C library, which must match the system's loader. */
async function librariesOf(name: string): Promise<string[]> {
  const list = await runCommand('apt-cache', ['depends', '--important', name])
  const names = [...list.matchAll(/^ {2}Depends: (lib\S+)$/gm)].map(([, library = '']) => library)
  return names.filter((library) => library !== 'libc6')
}

async function unpacked(home: string): Promise<RedisInstallation> {
  const libraries = join(home, 'usr/lib')
  const folders = await readdir(libraries)
  return {
    command: join(home, 'usr/bin/redis-server'),
    env: { ...process.env, LD_LIBRARY_PATH: folders.map((name) => join(libraries, name)).join(':') },
  }
}

function missing(why: string, cause?: unknown): Error {
  return new UnavailableError(
    `PGSync needs Redis: there is no "redis-server" on the path, and ${why} (Debian: apt-get install redis-server, ` +
      'or apt-get update where the list of packages is missing).',
    { cause },
  )
}
