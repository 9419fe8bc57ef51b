import { join } from 'node:path'
import { cachedFolder, runCommand, UnavailableError } from 'testkit'
import type { InstallOptions } from 'testkit'

const version = '7.3.0'
const title = `PGSync ${version}`

export interface PgSyncInstallation {
  /** The interpreter in whose environment PGSync is installed. */
  readonly python: string
  /** Scripts to run with that interpreter. Their own interpreter lines point to the build folder. */
  readonly scripts: { readonly bootstrap: string; readonly pgsync: string }
}

/** Installs PGSync from PyPI with its pinned dependencies in a virtual environment. Later calls use the cache. */
export async function installPgSync(options: InstallOptions): Promise<PgSyncInstallation> {
  const python = await pythonVersion()
  const home = await cachedFolder(`pgsync-${version}-python-${python}`, (folder) => build(folder, options))
  const inHome = (name: string): string => join(home, 'bin', name)
  return {
    python: inHome('python3'),
    scripts: { bootstrap: inHome('bootstrap'), pgsync: inHome('pgsync') },
  }
}

async function pythonVersion(): Promise<string> {
  try {
    const output = await runCommand('python3', ['-c', 'import platform; print(platform.python_version())'])
    return output.trim()
  } catch (error) {
    throw new UnavailableError(`${title} needs Python 3.10 or newer: the command "python3" does not work.`, {
      cause: error,
    })
  }
}

async function build(folder: string, { onProgress, signal }: InstallOptions): Promise<void> {
  onProgress(`${title}: creating a Python virtual environment`)
  await runCommand('python3', ['-m', 'venv', folder], { signal }).catch((error: unknown) => {
    throw new UnavailableError(
      `Python can't make a virtual environment (Debian: apt-get install python3-venv, then python3 -m venv works).`,
      { cause: error },
    )
  })
  const args = ['-m', 'pip', 'install', '--no-input', `pgsync==${version}`]
  const onLine = (line: string): void => {
    if (/^(?:Collecting|Installing|Successfully)/.test(line)) onProgress(`${title}: ${line.slice(0, 100)}`)
  }
  await runCommand(join(folder, 'bin/python3'), args, { signal, onLine }).catch((error: unknown) => {
    throw new UnavailableError(`${title} could not be installed by pip.`, { cause: error })
  })
}
