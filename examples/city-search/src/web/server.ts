import { once } from 'node:events'
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { ChangeRecorder } from '../changes/change-recorder.ts'
import type { Connections } from '../connections.ts'
import { runAlone } from '../run/run-alone.ts'
import { createApp } from './app.ts'
import { KafkaLag } from './kafka-lag.ts'
import { listen } from './listen.ts'
import { StatusFeed } from './status-feed.ts'

export interface WebServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves the page and its API on loopback only. */
export async function startWeb(connections: Connections): Promise<WebServer> {
  const { config, logger } = connections
  const closing = new AbortController()
  const changes = new ChangeRecorder(connections)
  const kafkaLag = new KafkaLag(config, logger)
  const status = new StatusFeed(changes.log, kafkaLag, config.delayMs)
  const app = createApp({ connections, changes, status, signal: closing.signal })
  const server = createAdaptorServer({ fetch: app.fetch })
  await listen(server, config.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    close: async () => {
      closing.abort()
      const closed = once(server, 'close')
      server.close()
      if (server instanceof Server) server.closeIdleConnections()
      await closed
      await changes.close()
      await kafkaLag.close()
    },
  }
}

await runAlone(import.meta.url, startWeb)
