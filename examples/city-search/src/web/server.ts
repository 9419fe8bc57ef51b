import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Logger } from '@kt/core'
import { drainServer } from '@kt/sync'
import type { Sync } from '@kt/sync'
import { ChangeRecorder } from '../changes/change-recorder.ts'
import { settings } from '../settings.ts'
import { createApp } from './app.ts'
import { LagReader } from './lag-reader.ts'
import { listen } from './listen.ts'
import { StatusFeed } from './status-feed.ts'

export interface WebServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page and its API on loopback only.
 *
 * @param sync streams the models already
 */
export async function startWeb(sync: Sync, logger: Logger): Promise<WebServer> {
  const closing = new AbortController()
  const changes = new ChangeRecorder(sync)
  const lagReader = new LagReader(logger)
  const status = new StatusFeed(changes.log, lagReader)
  const app = createApp({ changes, status, logger, signal: closing.signal })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listen(server, settings.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    close: async () => {
      closing.abort()
      await drainServer(server, 10_000)
      await changes.close()
      await lagReader.close()
    },
  }
}
