import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { Client } from 'pg'
import { freePort, requireAddress, runCommand, ServerProcess } from 'testkit'
import type { Launch } from 'testkit'
import type { Case } from '../cases/case.ts'

/** A pooler between the application and its databases. */
export interface Pooler extends AsyncDisposable {
  /** Returns the address of a database behind the pooler. */
  throughPooler(databaseUrl: string): string
}

const noPooler: Pooler = {
  throughPooler: (url) => url,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

/** Starts the pooler of the case, if it has one. */
export async function openPooler(each: Case): Promise<Pooler> {
  if (each.pooler === undefined) return noPooler
  const pooler = new PgBouncer(each.pooler, await freePort())
  await pooler.start()
  return {
    throughPooler: (url) => pooler.throughPooler(url),
    [Symbol.asyncDispose]: () => pooler.close(),
  }
}

/** A PgBouncer in front of the test server, for all its databases. */
class PgBouncer extends ServerProcess {
  readonly #mode: string
  readonly #port: number

  constructor(mode: string, port: number) {
    super('PgBouncer', {})
    this.#mode = mode
    this.#port = port
  }

  throughPooler(databaseUrl: string): string {
    const url = new URL(databaseUrl)
    url.host = `127.0.0.1:${this.#port}`
    return url.href
  }

  protected override async prepare(folder: string): Promise<Launch> {
    const { hostname, port, username, password } = new URL(requireAddress('database'))
    const file = join(folder, 'pgbouncer.ini')
    const config = [
      '[databases]',
      `* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${this.#port}`,
      'unix_socket_dir =',
      'auth_type = any',
      `pool_mode = ${this.#mode}`,
      // A common setting of hosting services: unknown start-up parameters are dropped silently.
      'ignore_startup_parameters = extra_float_digits,options,idle_in_transaction_session_timeout',
      '',
    ]
    await writeFile(file, config.join('\n'))
    await chmod(folder, 0o755)
    return { command: await findPgBouncer(), args: [file], ...(await unprivileged()) }
  }

  protected override async probe(): Promise<boolean> {
    const client = new Client({ connectionString: this.throughPooler(requireAddress('database')) })
    await client.connect()
    await client.end()
    return true
  }
}

async function findPgBouncer(): Promise<string> {
  for (const command of ['pgbouncer', '/usr/sbin/pgbouncer'])
    if (await runCommand(command, ['--version']).catch(() => '')) return command
  throw new Error('There is no PgBouncer: install it, for example with apt-get install pgbouncer')
}

/** Picks an unprivileged user, because PgBouncer refuses to run as root. */
async function unprivileged(): Promise<Pick<Launch, 'uid' | 'gid'>> {
  if (userInfo().uid !== 0) return {}
  const [uid, gid] = await Promise.all([
    runCommand('id', ['-u', 'nobody']),
    runCommand('id', ['-g', 'nobody']),
  ])
  return { uid: Number(uid), gid: Number(gid) }
}
