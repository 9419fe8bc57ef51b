import { randomBytes } from 'node:crypto'
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import type { ServerCertificate } from '../tls/certificate.ts'
import { exists } from '../install/cache.ts'
import type { PostgresInstallation } from '../install/postgres.ts'
import { installPostgres } from '../install/postgres.ts'
import { runCommand } from '../install/run-command.ts'
import { claimPort } from '../process/free-ports.ts'
import { postgresFolder } from './postgres-folder.ts'
import type { Launch } from './server-process.ts'
import { ServerProcess } from './server-process.ts'
import type { ServiceOptions } from './service.ts'

export interface PostgresServerOptions extends ServiceOptions {
  /** @defaultValue a free one */
  readonly port?: number
  /** Makes TLS mandatory for every connection. */
  readonly certificate?: ServerCertificate
  /** Additional settings, such as `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** Unsafe only if the whole machine crashes, and temporary data don't survive that anyway. */
const temporarySettings = { fsync: 'off', full_page_writes: 'off' }

/** PostgreSQL 17. */
export class PostgresServer extends ServerProcess {
  readonly #options: PostgresServerOptions
  #url: string | undefined

  constructor(options: PostgresServerOptions = {}) {
    super('PostgreSQL', options)
    this.#options = options
  }

  /** URL of the database `postgres`, with user and password. Known from the first start on. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`${this.name} was not started yet`)
    return this.#url
  }

  protected override async prepare(workFolder: string): Promise<Launch> {
    const { settings, persistent, certificate } = this.#options
    const installation = await installPostgres()
    const folder = await postgresFolder(workFolder, installation.user)
    const password = await initialise(folder, installation)
    const port = await claimPort(this.#options.port)
    this.#url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
    const tls = certificate === undefined ? {} : await requireTls(folder, certificate, installation)
    const all = {
      ...defaultSettings,
      ...tls,
      ...(persistent === undefined && temporarySettings),
      ...settings,
    }
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    return {
      command: join(installation.bin, 'postgres'),
      args: ['-D', join(folder, 'data'), '-p', String(port), ...flags],
      cwd: folder,
      // An orderly shutdown that does not wait for clients to leave.
      stopSignal: 'SIGINT',
      ...installation.user,
    }
  }

  protected override async probe(): Promise<boolean> {
    const { certificate } = this.#options
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: 2000,
      ...(certificate && { ssl: { ca: certificate.authority } }),
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('SELECT 1')
      return true
    } finally {
      await client.end()
    }
  }
}

/** Writes the TLS files into the folder. Resolves with the settings. */
async function requireTls(
  folder: string,
  { certificate, key }: ServerCertificate,
  { user }: PostgresInstallation,
): Promise<Record<string, string>> {
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name)
    // The server rejects a key that others may read.
    await writeFile(file, text, { mode: 0o600 })
    if (user !== undefined) await chown(file, user.uid, user.gid)
    return file
  }
  return {
    ssl: 'on',
    ssl_cert_file: await write('server.crt', certificate),
    ssl_key_file: await write('server.key', key),
    hba_file: await write('hba.conf', 'hostssl all all 127.0.0.1/32 scram-sha-256\n'),
  }
}

/** Creates the database cluster if there is none. Resolves with its password. */
async function initialise(folder: string, { bin, user }: PostgresInstallation): Promise<string> {
  const passwordFile = join(folder, 'password')
  const data = join(folder, 'data')
  if (await exists(data)) return readFile(passwordFile, 'utf8')
  const password = randomBytes(16).toString('hex')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid)
  const draft = join(folder, 'data.new')
  await rm(draft, { recursive: true, force: true })
  const args = [
    `--pgdata=${draft}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ]
  await runCommand(join(bin, 'initdb'), args, { cwd: folder, ...user })
  // An incomplete cluster is never taken for a database.
  await rename(draft, data)
  return password
}
