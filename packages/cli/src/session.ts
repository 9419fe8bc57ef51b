import { loadEnvFile } from 'node:process'
import { silentLogger } from '@kt/core'
import { createSync } from '@kt/sync'
import type { Sync, SyncConfig } from '@kt/sync'
import { findConfig } from './config/find-config.ts'
import { loadConfig } from './config/load-config.ts'
import { exitCodes } from './exit-codes.ts'
import { createLogger } from './output/logger.ts'
import { createOutput } from './output/output.ts'
import type { Output } from './output/output.ts'
import { UserError } from './user-error.ts'

/** The options of every command. */
export interface GlobalOptions {
  readonly config?: string
  readonly envFile?: string
  readonly json: boolean
  readonly verbose: boolean
}

/** What a command works with. */
export interface Session {
  readonly sync: Sync
  readonly config: SyncConfig
  readonly output: Output
  /** Fires at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}

/** Loads the configuration, runs a command with it, and closes everything. The command returns its exit code. */
export async function withSession(
  options: GlobalOptions,
  command: (session: Session) => Promise<number | void>,
): Promise<void> {
  const config = await configOf(options)
  const logger = options.verbose ? createLogger({ isJson: options.json }) : (config.logger ?? silentLogger)
  const sync = createSync({ ...config, logger })
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt)
  try {
    const output = createOutput(options.json)
    process.exitCode = (await command({ sync, config, output, signal: interrupted.signal })) ?? exitCodes.ok
  } finally {
    await sync.shutdown()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupt)
  }
}

/** @throws UserError */
export async function configOf({ config, envFile }: GlobalOptions): Promise<SyncConfig> {
  if (envFile !== undefined)
    try {
      loadEnvFile(envFile)
    } catch (cause) {
      throw new UserError(`The file "${envFile}" could not be read`, 'Check the option --env-file.', {
        cause,
      })
    }
  return loadConfig(findConfig(config))
}
