import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Manifest {
  readonly name: string
  readonly packageManager?: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

export const root = new URL('../..', import.meta.url).pathname
export const packages = [
  'core',
  'producer',
  'consumer',
  'indexer',
  'delayer',
  'cascader',
  'sequelize-stream',
  'model-index',
  'verifier',
  'reindexer',
  'telemetry',
  'testing',
  'sync',
]
/** The package of the command line, which nobody imports. */
export const command = 'cli'
export const pnpm = readManifest(root).packageManager ?? 'pnpm'

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

export function manifestOf(name: string): Manifest {
  return readManifest(join(root, 'packages', name))
}

/** The peers that a user has to install. */
export function peersOf({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): string[] {
  return Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true)
}

export function tarball(folder: string, name: string): string {
  return join(folder, `${name}.tgz`)
}
