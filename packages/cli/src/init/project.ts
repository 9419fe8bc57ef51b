import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../user-error.ts'

/** What the files depend on. */
export interface Project {
  readonly isTypeScript: boolean
  /** Whether `.js` and `.ts` files are ES modules. */
  readonly isModule: boolean
  /** The command that installs packages. */
  readonly install: string
  /** Returns those of these packages that are not installed. */
  missing(packages: readonly string[]): readonly string[]
}

interface Manifest {
  readonly type?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const managers = { 'pnpm-lock.yaml': 'pnpm add', 'yarn.lock': 'yarn add', 'bun.lock': 'bun add' }

/** @throws UserError when there is no package.json */
export function inspectProject(folder: string): Project {
  const path = join(folder, 'package.json')
  if (!existsSync(path))
    throw new UserError(
      'There is no package.json here',
      'Go to the folder of your project, or run "npm init" first.',
    )
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
  const lock = Object.entries(managers).find(([name]) => existsSync(join(folder, name)))
  return {
    isTypeScript: existsSync(join(folder, 'tsconfig.json')),
    isModule: manifest.type === 'module',
    install: lock?.[1] ?? 'npm install',
    missing: (packages) => {
      const present = { ...manifest.dependencies, ...manifest.devDependencies }
      return packages.filter((name) => !Object.hasOwn(present, name))
    },
  }
}
