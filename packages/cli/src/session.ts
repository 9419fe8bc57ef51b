import { loadEnvFile } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { KtError } from '@kt/core'
import { createSync } from '@kt/sync'
import type { Service, Sync, SyncConfig } from '@kt/sync'
import { findConfig } from './config/find-config.ts'
import { loadConfig } from './config/load-config.ts'
import { exitCodes } from './exit-codes.ts'
import { untilInterrupted } from './interruption.ts'
import { createLogger } from './output/logger.ts'
import { createOutput } from './output/output.ts'
import type { Output } from './output/output.ts'
import { UserError } from './user-error.ts'

/** The options of every command. */
export interface GlobalOptions {
  readonly config?: string
  readonly dotenv?: string
  readonly json: boolean
  readonly verbose: boolean
}

/** A command that is interrupted may save where it is. One that waits for a service is left behind. */
const graceMs = 5_000
/** A service that is away must not keep a command from ending. */
const shutdownMs = 3_000

/** What a command works with. */
export interface Session {
  readonly sync: Sync
  readonly config: SyncConfig
  readonly output: Output
  /** Fires at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
}

/**
 * Loads the configuration, runs a command with it, and closes everything. The command returns its exit code. It logs
 * warnings to stderr, whatever logger the configuration has: that of an application may write to stdout.
 *
 * @param needs the services without which the command is not begun, unless the Sync looks itself
 */
export async function withSession(
  options: GlobalOptions,
  needs: readonly Service[],
  command: (session: Session) => Promise<number | void>,
): Promise<void> {
  const config = await configOf(options)
  const logger = createLogger({ isJson: options.json, level: options.verbose ? 'info' : 'warn' })
  const sync = createSync({ ...config, logger })
  const interrupted = new AbortController()
  const ended = new AbortController()
  const interruption = untilInterrupted(ended.signal).then(async () => {
    interrupted.abort()
    await setTimeout(graceMs, undefined, { signal: ended.signal })
    throw new KtError('KT_ABORTED', 'Interrupted', { retryable: false })
  })
  const work = async (): Promise<number | void> => {
    await sync.requireServices(needs)
    return command({ sync, config, output: createOutput(options.json), signal: interrupted.signal })
  }
  try {
    process.exitCode = (await Promise.race([work(), interruption])) ?? exitCodes.ok
  } finally {
    await Promise.race([sync.shutdown(), setTimeout(shutdownMs, undefined, { ref: false })])
    ended.abort()
  }
}

/**
 * Loads the configuration. What it and its modules write to the console goes to stderr from now on, such as Sequelize's
 * statements: stdout has the result alone.
 *
 * @throws UserError
 */
export async function configOf({ config, dotenv }: GlobalOptions): Promise<SyncConfig> {
  if (dotenv !== undefined)
    try {
      loadEnvFile(dotenv)
    } catch (cause) {
      throw new UserError(`The file "${dotenv}" could not be read`, 'Check the option --dotenv.', {
        cause,
      })
    }
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error
  return loadConfig(findConfig(config))
}
