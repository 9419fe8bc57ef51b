import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand, ServerProcess, waitFor } from 'testkit'
import type { InstallOptions, Launch, ServiceOptions } from 'testkit'
import { installPgSync } from './install-pg-sync.ts'

export interface PgSyncOptions extends ServiceOptions {
  readonly databaseUrl: string
  readonly elasticsearchUrl: string
  readonly redisUrl: string
  /** The schema: see `pgSyncSchema`. */
  readonly schema: object
}

/**
 * Runs PGSync as documented: `bootstrap` once, which creates triggers and a replication slot, then the daemon. All
 * settings are its defaults. `start()` resolves when the daemon has loaded its code and begins.
 */
export class PgSync extends ServerProcess {
  readonly #options: PgSyncOptions

  constructor(options: PgSyncOptions) {
    super('PGSync', options)
    this.#options = options
  }

  /** Resolves when the table is indexed and PGSync streams changes. From then on it prints a status. */
  async untilFollowing(timeoutMs: number): Promise<void> {
    await waitFor(async () => /^Sync /m.test(await this.log()), {
      what: 'That PGSync streams changes',
      timeoutMs,
    }).catch(async (error: unknown) => {
      throw new Error(`PGSync wrote:\n${(await this.log()).slice(-2_000)}`, { cause: error })
    })
  }

  protected override async prepare(folder: string, options: InstallOptions): Promise<Launch> {
    const { python, scripts } = await installPgSync(options)
    const schema = join(folder, 'schema.json')
    await writeFile(schema, JSON.stringify(this.#options.schema))
    const env = this.#environment()
    options.onProgress('PGSync: bootstrap')
    await runCommand(python, [scripts.bootstrap, '--config', schema], { cwd: folder, env })
    return { command: python, args: [scripts.pgsync, '--config', schema, '--daemon'], cwd: folder, env }
  }

  protected override async probe(): Promise<boolean> {
    return (await this.log()) !== ''
  }

  /** Passes no other environment variables, because any of PGSync's settings might be among them. */
  #environment(): NodeJS.ProcessEnv {
    const { databaseUrl, elasticsearchUrl, redisUrl } = this.#options
    const { hostname, port, username, password } = new URL(databaseUrl)
    return {
      PATH: process.env['PATH'],
      PYTHONUNBUFFERED: '1',
      PG_HOST: hostname,
      PG_PORT: port === '' ? '5432' : port,
      PG_USER: decodeURIComponent(username),
      PG_PASSWORD: decodeURIComponent(password),
      ELASTICSEARCH_URL: elasticsearchUrl,
      REDIS_URL: redisUrl,
    }
  }
}
