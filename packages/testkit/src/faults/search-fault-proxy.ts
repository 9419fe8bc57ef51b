import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Refusal {
  readonly status: number
  readonly type?: string
}

/** How a request fails: with a status, with a broken connection, or without any answer. */
export type RequestFault = Refusal | 'reset' | 'silence'

interface Operation {
  readonly id: string
  readonly kind: string
  readonly lines: readonly string[]
}

type Items = { readonly [kind: string]: object }[]

/**
 * A proxy in front of a search engine. It refuses some bulk requests, or some of their operations, and forwards all
 * other requests. Like the search engine, it leaves out the items if the request's `filter_path` does.
 */
export class SearchFaultProxy implements AsyncDisposable {
  /** The ids of each bulk request received. */
  readonly bulks: string[][] = []
  readonly #target: string
  readonly #server: Server
  readonly #requestFaults: RequestFault[] = []
  readonly #itemFaults = new Map<string, Refusal[]>()
  #lastingFault: RequestFault | undefined
  #refusalOf: (id: string) => Refusal | undefined = () => undefined

  private constructor(target: string) {
    this.#target = target
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  static async start(target: string): Promise<SearchFaultProxy> {
    const proxy = new SearchFaultProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Makes the next requests fail, one for each fault. */
  failRequests(...faults: RequestFault[]): void {
    this.#requestFaults.push(...faults)
  }

  /** Makes all requests fail, until called with another fault or with none. */
  failAllRequests(fault: RequestFault | undefined): void {
    this.#lastingFault = fault
  }

  /** Sets a function that is called for each operation. Refused operations do not reach the search engine. */
  failItems(refusalOf: (id: string) => Refusal | undefined): void {
    this.#refusalOf = refusalOf
  }

  /** Refuses the next operations on this id, one for each refusal. They do not reach the search engine. */
  failItem(id: string, ...refusals: Refusal[]): void {
    this.#itemFaults.set(id, refusals)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!pathOf(request).pathname.endsWith('/_bulk')) {
      const passed = await this.#pass(request)
      return answer(response, passed.status, (await passed.json()) as object)
    }
    const operations = parse(await bodyOf(request))
    this.bulks.push(operations.map(({ id }) => id))
    const fault = this.#requestFaults.shift() ?? this.#lastingFault
    if (fault === 'silence') return
    if (fault === 'reset') return void request.socket.destroy()
    if (fault !== undefined) return answer(response, fault.status, { error: { type: fault.type } })
    const refusals = operations.map(({ id }) => this.#itemFaults.get(id)?.shift() ?? this.#refusalOf(id))
    const passed = operations.filter((_, i) => refusals[i] === undefined)
    const { errors, items } =
      passed.length === 0 ? { errors: false, items: [] } : await this.#forward(request, passed)
    const all = operations.map(({ kind }, i) => {
      const refusal = refusals[i]
      if (refusal === undefined) return items.shift()
      return { [kind]: { status: refusal.status, error: { type: refusal.type } } }
    })
    const failed = errors || passed.length < operations.length
    const isBrief = pathOf(request).searchParams.get('filter_path') === 'errors'
    answer(response, 200, isBrief ? { errors: failed } : { errors: failed, items: all })
  }

  async #pass(request: IncomingMessage): Promise<Response> {
    const { method = 'GET', url = '/', headers } = request
    const { 'content-type': contentType, accept = '' } = headers
    const body = await bodyOf(request)
    return fetch(this.#target + url, {
      method,
      headers: { accept, ...(contentType !== undefined && { 'content-type': contentType }) },
      ...(body !== '' && { body }),
    })
  }

  async #forward(
    request: IncomingMessage,
    operations: readonly Operation[],
  ): Promise<{ readonly errors: boolean; readonly items: Items }> {
    const { 'content-type': contentType = '', accept = '' } = request.headers
    const url = pathOf(request)
    url.searchParams.delete('filter_path')
    const answered = await fetch(this.#target + url.pathname + url.search, {
      method: request.method ?? 'POST',
      headers: { 'content-type': contentType, accept },
      body: operations.flatMap(({ lines }) => lines.map((line) => `${line}\n`)).join(''),
    })
    return (await answered.json()) as { errors: boolean; items: Items }
  }
}

function pathOf({ url = '/' }: IncomingMessage): URL {
  return new URL(url, 'http://localhost')
}

function parse(body: string): readonly Operation[] {
  const operations: Operation[] = []
  const lines = body.split('\n').filter((line) => line !== '')
  while (lines.length > 0) {
    const action = lines.shift() ?? ''
    const [kind, { _id: id }] = Object.entries(JSON.parse(action) as object)[0] as [string, { _id: string }]
    operations.push({ id, kind, lines: kind === 'index' ? [action, lines.shift() ?? ''] : [action] })
  }
  return operations
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function answer(response: ServerResponse, status: number, body: object): void {
  // Elastic's client rejects answers without this header.
  response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
  response.end(JSON.stringify(body))
}
