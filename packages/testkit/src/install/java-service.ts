import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { servicesUnavailable } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { cachedFolder } from './cache.ts'
import type { Jdk } from './jdk.ts'
import { findJdk, oldestJdk } from './jdk.ts'
import type { Artifact } from './maven.ts'
import { copyJars } from './maven.ts'
import { runCommand } from './run-command.ts'

export interface InstallOptions {
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
}

export interface JavaServiceSpec {
  /** For example `Kafka 4.3.1`. */
  readonly title: string
  readonly artifacts: readonly Artifact[]
  /** Names of our own sources (`java/<name>.java`), including the launcher. */
  readonly sources: readonly string[]
  /** Must be raised when `arrange` changes, so that an older cache is not reused. */
  readonly revision?: number
  /** Rearranges the folder (`lib/` and `classes/`) if the server expects another layout. */
  readonly arrange?: (home: string, jdk: Jdk) => Promise<void>
}

export interface JavaService {
  /** The JDK's `java`. */
  readonly java: string
  /** Contains `lib/` (the jars) and `classes/` (our launcher). */
  readonly home: string
}

const sourceFolder = fileURLToPath(new URL('../../java', import.meta.url))

/** Downloads and compiles the service once. Later calls find it in the cache. */
export async function installJavaService(
  spec: JavaServiceSpec,
  { onProgress, signal }: InstallOptions,
): Promise<JavaService> {
  const jdk = await findJdk()
  const sources = spec.sources.map((name) => join(sourceFolder, `${name}.java`))
  const home = await cachedFolder(await cacheKey(spec, sources), async (folder) => {
    const lib = join(folder, 'lib')
    await copyJars({ title: spec.title, artifacts: spec.artifacts, folder: lib, onProgress, signal })
    onProgress(`${spec.title}: compiling the launcher`)
    await compile(jdk, sources, folder, signal)
    await spec.arrange?.(folder, jdk)
  })
  return { java: join(jdk.home, 'bin/java'), home }
}

async function compile(
  jdk: Jdk,
  sources: readonly string[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const classes = join(folder, 'classes')
  await mkdir(classes)
  const options = [
    '--release',
    String(oldestJdk),
    '-proc:none',
    '-cp',
    join(folder, 'lib', '*'),
    '-d',
    classes,
  ]
  try {
    await runCommand(join(jdk.home, 'bin/javac'), [...options, ...sources], { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw servicesUnavailable('A launcher could not be compiled.', error)
  }
}

/** Changes with the versions and our sources, so that an update never uses an old cache. */
async function cacheKey(spec: JavaServiceSpec, sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([spec.artifacts, spec.revision]))
  for (const source of sources) hash.update(await readFile(source))
  return `${spec.title.toLowerCase().replaceAll(' ', '-')}-${hash.digest('hex').slice(0, 12)}`
}
