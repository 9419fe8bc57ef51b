import type { Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { sleep } from '@kt/core/internal'

/** A server of `node:http` or `node:https`, such as `app.listen()` of Express returns. */
export type DrainableServer = HttpServer | HttpsServer

const lookMs = 50

/**
 * Stops a server without breaking a request: takes no new connections, answers what is under way, and asks clients to
 * close their connections, which keep-alive would use for ever. After `timeoutMs` it closes those that are left.
 */
export async function drainServer(server: DrainableServer, timeoutMs: number): Promise<void> {
  if (!server.listening) return
  const closed = new AbortController()
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false
  })
  server.close(() => closed.abort())
  const deadline = performance.now() + timeoutMs
  while (!closed.signal.aborted && performance.now() < deadline) {
    server.closeIdleConnections()
    await sleep(lookMs, closed.signal)
  }
  if (!closed.signal.aborted) server.closeAllConnections()
}
