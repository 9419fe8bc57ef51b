import { readFile, readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { servicesUnavailable } from '../errors.ts'
import { exists } from './cache.ts'

export interface Jdk {
  readonly home: string
  readonly version: number
}

export interface FindJdkOptions {
  /** @defaultValue `process.env` */
  readonly env?: NodeJS.ProcessEnv
  /** Folders with JDKs. @defaultValue the usual ones of Linux, macOS and SDKMAN */
  readonly folders?: readonly string[]
}

/** Required by Elasticsearch 9 and OpenSearch 3. */
export const oldestJdk = 21

const usualFolders = [
  '/usr/lib/jvm',
  '/usr/java',
  '/opt/java',
  '/Library/Java/JavaVirtualMachines',
  join(homedir(), '.jdks'),
  join(homedir(), '.sdkman/candidates/java'),
]

/**
 * Finds a JDK for the services: `JAVA_HOME` if it is new enough, else the newest one installed, else the JDK of `java`
 * on the path.
 *
 * @throws UnavailableError
 */
export async function findJdk(options: FindJdkOptions = {}): Promise<Jdk> {
  const { env = process.env, folders = usualFolders } = options
  const preferred = await inspect(env['JAVA_HOME'])
  if (preferred !== undefined && preferred.version >= oldestJdk) return preferred
  const homes = [...(await Promise.all(folders.map(homesIn))).flat(), ...(await homeOfPath(env['PATH']))]
  const found = (await Promise.all(homes.map(inspect))).filter((jdk) => jdk !== undefined)
  const newest = found.toSorted((a, b) => b.version - a.version)[0]
  if (newest !== undefined && newest.version >= oldestJdk) return newest
  const seen = [preferred, ...found].filter((jdk) => jdk !== undefined)
  const known = seen.map(({ home, version }) => `${home} is ${version}`).join(', ')
  throw servicesUnavailable(
    `No JDK of version ${oldestJdk} or newer was found${known === '' ? '' : ` (${known})`}: ` +
      `install one, or set JAVA_HOME to it.`,
  )
}

async function homesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => [join(folder, name), join(folder, name, 'Contents/Home')])
}

async function homeOfPath(path = ''): Promise<string[]> {
  for (const folder of path.split(delimiter)) {
    const java = await realpath(join(folder, 'java')).catch(() => undefined)
    if (java !== undefined) return [dirname(dirname(java))]
  }
  return []
}

/** Accepts only homes with a compiler, because our launchers are compiled against the jars that they start. */
async function inspect(home: string | undefined): Promise<Jdk | undefined> {
  if (home === undefined || home === '' || !(await exists(join(home, 'bin/javac')))) return undefined
  const release = await readFile(join(home, 'release'), 'utf8').catch(() => '')
  const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release)?.[1]
  return version === undefined ? undefined : { home, version: Number(version) }
}
