import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, inflateSync } from 'node:zlib'
import { waitFor } from 'testkit'

/** A local server that an agent sends to. */
export interface Collector extends AsyncDisposable {
  /** Environment variables for the agent. */
  readonly env: Readonly<Record<string, string>>
  /** Counts what was received, by kind. */
  evidence(): Readonly<Record<string, number>>
}

export class Counts {
  readonly #counts = new Map<string, number>()

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}

/** Resolves with the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await waitFor(() => !server.listening)
}

type Reply = (body: string, request: IncomingMessage) => object

/** Answers each request with JSON. Ignores aborted requests, because the application has ended. */
export function answering(reply: Reply): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    readBody(request).then(
      (body) => {
        const answer = JSON.stringify(reply(body, request))
        response.writeHead(request.method === 'GET' ? 200 : 202, { 'content-type': 'application/json' })
        response.end(answer)
      },
      () => void response.destroy(),
    )
  }
}

/** Returns the decompressed text of a request. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const encoding = request.headers['content-encoding']
  if (encoding === 'gzip') return gunzipSync(body).toString()
  if (encoding === 'deflate') return inflateSync(body).toString()
  return body.toString()
}
