import { loadEnvFile } from 'node:process'
import { KtError } from '@kt/core'
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
  readonly dotenv?: string
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

/**
 * Loads the configuration, runs a command with it, and closes everything. The command returns its exit code. It logs
 * warnings to stderr, whatever logger the configuration has: that of an application may write to stdout.
 */
export async function withSession(
  options: GlobalOptions,
  command: (session: Session) => Promise<number | void>,
): Promise<void> {
  const config = await configOf(options)
  const logger = createLogger({ isJson: options.json, level: options.verbose ? 'info' : 'warn' })
  const sync = createSync({ ...config, logger })
  const interrupted = new AbortController()
  const interrupt = (): void => interrupted.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt)
  try {
    const output = createOutput(options.json)
    const work = command({ sync, config, output, signal: interrupted.signal })
    process.exitCode = (await orInterrupted(work, interrupted.signal)) ?? exitCodes.ok
  } finally {
    await sync.shutdown()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupt)
  }
}

/** A command that is interrupted may save where it is. One that waits for a service is left behind. */
const graceMs = 5_000

async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const interrupted = new KtError('KT_ABORTED', 'Interrupted', { retryable: false })
    signal.addEventListener('abort', () => (timer = setTimeout(reject, graceMs, interrupted)), { once: true })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
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
