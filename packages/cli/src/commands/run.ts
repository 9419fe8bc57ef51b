import type { Command } from 'commander'
import { Argument } from 'commander'
import { createSync, roles } from '@kt/sync'
import type { Role } from '@kt/sync'
import { createLogger } from '../output/logger.ts'
import { combineMeters } from '../run/combine-meters.ts'
import { startHealthServer } from '../run/health-server.ts'
import { untilInterrupted } from '../interruption.ts'
import { newMetrics } from '../run/metrics.ts'
import { configOf } from '../session.ts'
import { optionsFor, optionsOf } from './options.ts'

interface RunFlags {
  readonly port?: number
  readonly host: string
}

export function addRun(program: Command): void {
  const { option, port } = optionsFor('run')
  program
    .command('run')
    .addArgument(
      new Argument('[role...]', 'the kinds of workers').choices([...roles, 'all']).default(['all']),
    )
    .description('runs workers until SIGTERM or Ctrl-C; logs JSON to stderr, or lines in a terminal')
    .addOption(port('-p, --port <port>', 'serves /metrics, /livez and /readyz there'))
    .addOption(option('--host <host>', 'the address to listen on').default('0.0.0.0'))
    .addHelpText(
      'after',
      `
Services may be away at the start and at any time: workers wait for them. KT_LOG_LEVEL sets the level.
Several processes of the same role share the work.

Examples:
  $ kt run --port 9400
  $ kt run indexer cascades --port 9400
  $ kt run delayer`,
    )
    .action(async (names: readonly (Role | 'all')[], _, command: Command) => {
      const { port, host, ...options } = optionsOf<RunFlags>(command)
      const config = await configOf(options)
      const logger = config.logger ?? createLogger({ isJson: options.json, level: 'info' })
      const metrics = newMetrics()
      const sync = createSync({ ...config, logger, meter: combineMeters([metrics.meter, config.meter]) })
      // Listens first: whoever asks must not take a worker that waits for Kafka for a dead one.
      const server =
        port === undefined ? undefined : await startHealthServer({ sync, metrics, port, host, logger })
      const only = names.includes('all') ? roles : (names as readonly Role[])
      const ended = untilInterrupted()
      const running = sync.run({ only, signals: [] })
      try {
        const isStarted = await Promise.race([running.then(() => true), ended.then(() => false)])
        if (isStarted) logger.info('The workers have started', { roles: only.join(', ') })
        const signal = await ended
        logger.info('Shutting down', { signal })
      } finally {
        await sync.shutdown({ ...(server && { servers: [server] }) })
        await running.catch(() => undefined)
      }
      logger.info('The workers have ended')
    })
}
