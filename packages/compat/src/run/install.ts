import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Case } from '../cases/case.ts'
import { peers } from '../cases/versions.ts'
import { pnpm } from './pack.ts'
import type { Tarballs } from './pack.ts'
import { hash, workFolder } from './paths.ts'

/** Returns the folder of a case with everything installed. Does nothing if it is already installed. */
export async function install(each: Case, tarballs: Tarballs, signal: AbortSignal): Promise<string> {
  const folder = join(workFolder, each.name)
  const manifest = JSON.stringify(manifestOf(each, tarballs), undefined, 2)
  const workspace = workspaceOf(each, tarballs)
  const wanted = hash(manifest, workspace, tarballs.hash, JSON.stringify(each.copies ?? []))
  const stamp = join(folder, 'installed')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return folder
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), manifest)
  await writeFile(join(folder, 'pnpm-workspace.yaml'), workspace)
  // Native packages use the headers of the Node that runs this, so none are downloaded.
  const env = { ...process.env, npm_config_nodedir: dirname(dirname(process.execPath)) }
  await pnpm(['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: folder, signal, env }).catch(
    (cause: unknown) => {
      throw new Error(cannotInstall(each, cause), { cause })
    },
  )
  for (const [from, to] of each.copies ?? [])
    await cp(join(folder, from), join(folder, to), { recursive: true, dereference: true })
  await writeFile(stamp, wanted)
  return folder
}

function cannotInstall({ needs }: Case, cause: unknown): string {
  const what = needs === undefined ? '' : `, for which the system needs ${needs}`
  return `it can't be installed${what}: ${String(cause)}`
}

function manifestOf({ flavour, packageType, dependencies = {}, node }: Case, { files }: Tarballs): object {
  const packages = [...files].map(([name, file]) => [name, `file:${file}`])
  return {
    private: true,
    type: packageType ?? (flavour === 'esm' ? 'module' : 'commonjs'),
    dependencies: {
      ...(Object.fromEntries(packages) as object),
      ...peers,
      ...dependencies,
      ...(node !== undefined && { [nodePackage()]: node }),
    },
  }
}

/** Returns the npm package with Node's binary for this system. */
export function nodePackage(): string {
  return `node-${process.platform}-${process.arch}`
}

/** Uses a flat layout, as npm does. Our packages depend on each other's tarballs. */
function workspaceOf({ builds = [] }: Case, { files }: Tarballs): string {
  const overrides = [...files].map(([name, file]) => `  '${name}': file:${file}`)
  return [
    'nodeLinker: hoisted',
    'autoInstallPeers: false',
    `onlyBuiltDependencies: ${JSON.stringify(builds)}`,
    'overrides:',
    ...overrides,
    '',
  ].join('\n')
}
