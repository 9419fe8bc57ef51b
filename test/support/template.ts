import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { Client } from 'pg'
import { inject } from 'vitest'
import { command, packages, root, tarball } from './packages.ts'

const run = promisify(execFile)

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

/** An example, copied out of the repository and installed with npm as a user would. */
export class Template implements AsyncDisposable {
  readonly scope: TestScope
  readonly folder: string
  readonly alias: string
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #running = new Set<ChildProcess>()

  private constructor(scope: TestScope, folder: string) {
    this.scope = scope
    this.folder = folder
    this.alias = scope.index('products')
    this.#environment = {
      ...process.env,
      KAFKA_BROKERS: scope.brokers.join(','),
      ELASTICSEARCH_URL: scope.elasticsearchUrl,
      DATABASE_URL: scope.databaseUrl,
      PRODUCTS_INDEX: this.alias,
      TOPIC_PREFIX: `${scope.prefix}.`,
      NO_COLOR: '1',
    }
  }

  static async install(name: string): Promise<Template> {
    const packed = inject('packed')
    const folder = await mkdtemp(join(packed, `${name}-`))
    const from = join(root, 'examples', name)
    const isOwn = (path: string): boolean => !/node_modules|\/test$/u.test(path.slice(from.length))
    await cp(from, folder, { recursive: true, filter: isOwn })
    const text = await readFile(join(folder, 'package.json'), 'utf8')
    const manifest = JSON.parse(await withVersions(text)) as Manifest
    const ours = Object.fromEntries(
      [...packages, command].map((each) => [`@kt/${each}`, `file:${tarball(packed, each)}`]),
    )
    for (const dependencies of [manifest.dependencies, manifest.devDependencies])
      for (const each of Object.keys(dependencies)) if (each in ours) dependencies[each] = ours[each] ?? ''
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, overrides: ours }))
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder })
    return new Template(await createTestScope(name), folder)
  }

  /** Runs a script of the example to its end, and returns what it prints. */
  async npm(script: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run('npm', ['run', '--silent', script, '--', ...args], {
      cwd: this.folder,
      env: this.#environment,
    })
    return stdout
  }

  /** Makes a query in the example's database. */
  async sql(statement: string): Promise<readonly object[]> {
    const client = new Client({ connectionString: this.scope.databaseUrl })
    await client.connect()
    try {
      return (await client.query(statement)).rows as object[]
    } finally {
      await client.end()
    }
  }

  /** Starts `node`, or a program of one of the example's packages. */
  start(file: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
    const program = file === 'node' ? process.execPath : join(this.folder, 'node_modules', '.bin', file)
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...this.#environment, ...more },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    this.#running.add(child)
    return child
  }

  /** Ends a program by SIGTERM. @returns its exit code */
  async end(child: ChildProcess): Promise<number | null> {
    this.#running.delete(child)
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    return child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL')
    await this.scope.close()
  }
}

/** Replaces the versions that only the workspace knows. */
async function withVersions(manifest: string): Promise<string> {
  const workspace = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')
  return manifest.replaceAll(/"([^"]+)": "catalog:"/gu, (_, name: string) => {
    const escaped = name.replaceAll('/', '\\/')
    const [, version = ''] = new RegExp(`^ {2}'?${escaped}'?: (\\S+)$`, 'mu').exec(workspace) ?? []
    return `"${name}": "${version}"`
  })
}
