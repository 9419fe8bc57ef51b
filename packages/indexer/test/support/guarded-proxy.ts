import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ServerCertificate } from 'testkit'

/**
 * A proxy in front of a search engine that acts like its security module. It accepts only TLS, and only requests with
 * the right `Authorization`.
 */
export class GuardedProxy {
  /** For example `ApiKey …` or `Basic …`. */
  authorization: string
  refused = 0
  passed = 0
  readonly #target: string
  readonly #server: Server

  private constructor(target: string, { certificate, key }: ServerCertificate, authorization: string) {
    this.#target = target
    this.authorization = authorization
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  static async start(
    target: string,
    certificate: ServerCertificate,
    authorization: string,
  ): Promise<GuardedProxy> {
    const proxy = new GuardedProxy(target, certificate, authorization)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { authorization, accept = '', 'content-type': type = '' } = request.headers
    if (authorization !== this.authorization) {
      this.refused += 1
      // The real one quotes the user. A gateway may quote the whole header.
      const reason = `unable to authenticate [${authorization}] for REST request`
      const error = { type: 'security_exception', reason }
      return answer(response, 401, JSON.stringify({ error, status: 401 }))
    }
    this.passed += 1
    const answered = await fetch(this.#target + (request.url ?? ''), {
      method: request.method ?? 'POST',
      headers: { accept, ...(type !== '' && { 'content-type': type }) },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks).toString() }),
    })
    answer(response, answered.status, await answered.text())
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  // Elastic's client rejects answers without this header.
  response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
  response.end(body)
}
