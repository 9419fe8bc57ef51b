import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { command, packages, pnpm, root, tarball } from './packages.ts'

const run = promisify(execFile)

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with the tarballs of all published packages. The tests' projects are in it too. */
    readonly packed: string
  }
}

/** Builds and packs all published packages, once for all test files. */
export default async function packPackages(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kt-packed-'))
  await run('node', ['scripts/run.mjs', 'build'], { cwd: root })
  await Promise.all(
    [...packages, command].map((name) =>
      run('npx', ['--yes', pnpm, 'pack', '--out', tarball(folder, name)], {
        cwd: join(root, 'packages', name),
      }),
    ),
  )
  project.provide('packed', folder)
  return () => rm(folder, { recursive: true, force: true })
}
