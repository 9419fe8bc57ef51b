import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'

const folder = fileURLToPath(new URL('../fixtures/shop', import.meta.url))
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const nodeOptions = ['--conditions=@kt/source', '--import', import.meta.resolve('tsx')]

interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  /** What it has written to stderr so far. */
  log(): string
  readonly ended: Promise<Result>
}

/** A project with a configuration, and the command line in it. */
export interface Project extends AsyncDisposable {
  readonly scope: TestScope
  readonly alias: string
  readonly topicOf: (model: string) => string
  /** Runs a command to its end. */
  kt(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
    folder?: string,
  ): Promise<Result>
  /** Runs a command and returns what it writes with `--json`. */
  json(args: readonly string[]): Promise<unknown>
  /** Starts a command. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Running
  /** Starts a command as npx does: in a process that has a shell between itself and the command. */
  startUnderShell(args: readonly string[], environment?: Readonly<Record<string, string>>): Running
  /** Runs JavaScript in which `sync`, `Product` and `Brand` are streamed, as an application would. */
  write(code: string): Promise<void>
  /** Makes a query in the project's database. */
  sql(statement: string): Promise<void>
}

export async function openProject(file: string): Promise<Project> {
  const scope = await createTestScope(file)
  const alias = scope.index('products')
  const environment = {
    KAFKA_BROKERS: scope.brokers.join(','),
    ELASTICSEARCH_URL: scope.elasticsearchUrl,
    DATABASE_URL: scope.databaseUrl,
    KT_TEST_PREFIX: `${scope.prefix}.`,
    KT_TEST_INDEX: alias,
    NO_COLOR: '1',
  }
  const running = new Set<ChildProcess>()
  const run = (
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    cwd: string = folder,
  ): Running => {
    const child = spawn(process.execPath, [...nodeOptions, ...args], {
      cwd,
      env: { ...process.env, ...environment, ...more },
    })
    running.add(child)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (data) => (stdout += String(data)))
    child.stderr.on('data', (data) => (stderr += String(data)))
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child)
      return { code: code as number | null, stdout, stderr }
    })
    return { child, log: () => stderr, ended }
  }
  const script = async (code: string): Promise<void> => {
    const text = `const { sequelize, Product, Brand } = await import('./models.ts'); ${code}; await sequelize.close()`
    const { code: exit, stderr } = await run(['--input-type=module', '--eval', text]).ended
    if (exit !== 0) throw new Error(stderr)
  }
  return {
    scope,
    alias,
    topicOf: (model) => `${scope.prefix}.${model}`,
    kt: (args, more, cwd) => run([main, ...args], more, cwd).ended,
    json: async (args) => JSON.parse((await run([main, ...args, '--json']).ended).stdout) as unknown,
    start: (args, more) => run([main, ...args], more),
    startUnderShell: (args, more) =>
      run(
        [
          '--eval',
          `const command = ${JSON.stringify([process.execPath, ...nodeOptions, main, ...args].map(quoted).join(' '))}
           require('node:child_process').spawn('sh', ['-c', command + '; true'], { stdio: 'inherit' })`,
        ],
        more,
      ),
    write: (code) =>
      script(`const { createSync } = await import('@kt/sync')
        const sync = createSync((await import('./kt.config.ts')).default)
        await sync.start()
        ${code}
        await sync.whenCaughtUp()
        await sync.close()`),
    sql: (statement) => script(`await sequelize.query(${JSON.stringify(statement)})`),
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill('SIGKILL')
      await scope.close()
    },
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
