import type { Server as HttpServer, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { sleep } from '@kt/core/internal'

/** A server of `node:http` or `node:https`, such as `app.listen()` of Express returns. */
export type DrainableServer = HttpServer | HttpsServer

const lookMs = 50
/** So long a connection that is in use gets to be closed by an answer. */
const lingerMs = 500

/**
 * Stops a server without breaking a request. Each answer asks the client to close the connection, which keep-alive would
 * use for ever. When those that are in use have had their turn, it takes no new ones, closes idle ones, and answers what
 * is under way. After `timeoutMs` it closes all that are left.
 */
export async function drainServer(server: DrainableServer, timeoutMs: number): Promise<void> {
  if (!server.listening) return
  const closed = new AbortController()
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false
  })
  const deadline = performance.now() + timeoutMs
  // Closing a connection that only seems to be idle would break the request that is on its way.
  await sleep(Math.min(lingerMs, timeoutMs / 2))
  server.close(() => closed.abort())
  while (!closed.signal.aborted && performance.now() < deadline) {
    server.closeIdleConnections()
    await sleep(lookMs, closed.signal)
  }
  if (!closed.signal.aborted) server.closeAllConnections()
}
