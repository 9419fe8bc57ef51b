import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from 'testkit'
import { hash, root, workFolder } from './paths.ts'

export const packageNames = [
  'core',
  'producer',
  'consumer',
  'indexer',
  'delayer',
  'cascader',
  'sequelize-stream',
] as const

/** The packages as they would be published. */
export interface Tarballs {
  /** By the name of the package. */
  readonly files: ReadonlyMap<string, string>
  /** Differs when any of them does. */
  readonly hash: string
}

/** Builds and packs all packages. */
export async function pack(signal: AbortSignal): Promise<Tarballs> {
  await runCommand('node', ['scripts/run.mjs', 'build', '--filter=@kt/*', '--output-logs=errors-only'], {
    cwd: root,
    signal,
  })
  const folder = join(workFolder, 'tarballs')
  await mkdir(folder, { recursive: true })
  const packed = await Promise.all(
    packageNames.map(async (name) => {
      const file = join(folder, `${name}.tgz`)
      await pnpm(['pack', '--out', file], { cwd: join(root, 'packages', name), signal })
      return [`@kt/${name}`, file] as const
    }),
  )
  const contents = await Promise.all(packed.map(([, file]) => readFile(file)))
  return { files: new Map(packed), hash: hash(...contents) }
}

/** Runs the pnpm that the repository pins. */
export async function pnpm(
  args: readonly string[],
  options: { readonly cwd: string; readonly signal: AbortSignal; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  return runCommand('npx', ['--yes', manifest.packageManager, ...args], options)
}
