import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import type { Logger } from '@kt/core'
import type { Sync } from '@kt/sync'
import { Hono } from 'hono'
import { UserError } from '../user-error.ts'
import type { Metrics } from './metrics.ts'

export interface HealthServerOptions {
  readonly sync: Pick<Sync, 'isLive' | 'isReady' | 'problems'>
  readonly metrics: Metrics
  readonly port: number
  readonly host: string
  readonly logger: Logger
}

/**
 * Serves `/livez`, `/readyz` and `/metrics`.
 *
 * @throws UserError when the port is taken
 */
export async function startHealthServer({
  sync,
  metrics,
  port,
  host,
  logger,
}: HealthServerOptions): Promise<Server> {
  const app = new Hono()
    .get('/livez', (context) => context.json({ live: sync.isLive() }, sync.isLive() ? 200 : 503))
    .get('/readyz', (context) => {
      const isReady = sync.isReady()
      return context.json({ ready: isReady, problems: sync.problems }, isReady ? 200 : 503)
    })
    .get('/metrics', async (context) => {
      const text = await metrics.registry.metrics()
      return context.text(text, 200, { 'content-type': metrics.registry.contentType })
    })
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: host }, (address) => {
      logger.info('Serving /metrics, /livez and /readyz', { port: address.port })
      resolve(server)
    }) as Server
    server.once('error', (cause) =>
      reject(new UserError(`Port ${port} can't be used`, 'Choose another one with --port.', { cause })),
    )
  })
}
