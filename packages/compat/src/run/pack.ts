import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from 'testkit'
import { hash, root, workFolder } from './paths.ts'

const packageNames = [
  'core',
  'producer',
  'consumer',
  'indexer',
  'delayer',
  'cascader',
  'sequelize-stream',
  'model-index',
] as const

/** The packages as they would be published. */
export interface Tarballs {
  /** By package name. */
  readonly files: ReadonlyMap<string, string>
  /** Changes whenever a package changes. */
  readonly hash: string
}

/** Builds and packs all packages. */
export async function pack(signal: AbortSignal): Promise<Tarballs> {
  const build = ['scripts/run.mjs', 'build', '--filter=@kt/*', '--output-logs=errors-only']
  await runCommand('node', build, { cwd: root, signal })
  const folder = join(workFolder, 'tarballs')
  await mkdir(folder, { recursive: true })
  await pnpm(['--filter', '@kt/*', 'pack', '--out', join(folder, '%s.tgz')], { cwd: root, signal })
  const packed = packageNames.map((name) => [`@kt/${name}`, join(folder, `kt-${name}.tgz`)] as const)
  const contents = await Promise.all(packed.map(([, file]) => readFile(file)))
  return { files: new Map(packed), hash: hash(...contents) }
}

/** Runs the pnpm version that the repository pins. */
export async function pnpm(
  args: readonly string[],
  options: { readonly cwd: string; readonly signal: AbortSignal; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  return runCommand('npx', ['--yes', manifest.packageManager, ...args], options)
}
