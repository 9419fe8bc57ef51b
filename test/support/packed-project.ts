import { execFile } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { manifestOf, packages, peersOf, pnpm, root, tarball } from './packages.ts'

const run = promisify(execFile)
const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** A user's project with some of our packages, installed from their tarballs, and their peers. */
export class PackedProject {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * @param extra additional packages of the project, with their versions
   * @param fields of its package.json
   */
  static async install(
    names: readonly string[],
    extra: Record<string, string> = {},
    fields: object = {},
  ): Promise<PackedProject> {
    const packed = inject('packed')
    const folder = await mkdtemp(join(packed, 'project-'))
    const manifests = names.map((name) => manifestOf(name))
    const peers = manifests.flatMap((manifest) =>
      peersOf(manifest).map((peer) => [peer, manifest.peerDependencies?.[peer]]),
    )
    const dependencies = {
      ...Object.fromEntries(names.map((name) => [`@kt/${name}`, `file:${tarball(packed, name)}`])),
      ...(Object.fromEntries(peers) as Record<string, string>),
      ...extra,
    }
    // The project has its own Node types, as a TypeScript user of Node does.
    const manifest = { private: true, ...fields, dependencies, devDependencies: { '@types/node': '^20' } }
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
    const overrides = packages.map((name) => `  '@kt/${name}': file:${tarball(packed, name)}\n`).join('')
    await writeFile(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides}autoInstallPeers: false\n`)
    await run('npx', ['--yes', pnpm, 'install', '--prefer-offline', '--ignore-scripts'], { cwd: folder })
    return new PackedProject(folder)
  }

  async write(file: string, content: string): Promise<void> {
    await writeFile(join(this.#folder, file), content)
  }

  read(file: string): Promise<string> {
    return readFile(join(this.#folder, file), 'utf8')
  }

  /** Returns the output of a Node process with these arguments. */
  async node(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('node', args, { cwd: this.#folder })
    return stdout.trim()
  }

  /** Type-checks files with these compiler options. Returns the compiler's output, which is empty on success. */
  async typeErrors(options: readonly string[], ...files: readonly string[]): Promise<string> {
    const flags = [
      '--noEmit',
      '--strict',
      '--skipDefaultLibCheck',
      '--target',
      'es2023',
      '--types',
      'node',
      ...options,
    ]
    try {
      return await this.node(typescript, ...flags, ...files)
    } catch (error) {
      // The compiler prints its errors to stdout.
      return (error as { readonly stdout?: string }).stdout ?? String(error)
    }
  }
}
