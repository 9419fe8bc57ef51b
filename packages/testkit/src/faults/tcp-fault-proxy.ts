import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { ProxiedConnection } from './proxied-connection.ts'

/** A proxy between clients and a server that injects network faults. */
export class TcpFaultProxy implements AsyncDisposable {
  readonly #target: () => string
  readonly #server: Server
  readonly #connections = new Set<ProxiedConnection>()
  #newcomers: 'pass' | 'refuse' | 'swallow' = 'pass'
  #latencyMs = 0

  private constructor(target: () => string) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  }

  /**
   * @param target returns the server's `host:port`. It is called for each connection, because a Kafka has to know its
   *   proxy's address before its own is known
   */
  static async start(target: () => string): Promise<TcpFaultProxy> {
    const proxy = new TcpFaultProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  /** `host:port`, for the clients. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Delays all data by this time, in both directions. */
  slow(latencyMs: number): void {
    this.#latencyMs = latencyMs
  }

  /** Ends all connections with a RST. New ones get through. */
  reset(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Ends all connections with a RST, and resets new ones as soon as they are made. */
  refuse(): void {
    this.#newcomers = 'refuse'
    this.reset()
  }

  /**
   * From now on forwards nothing, and reports nothing. Connections that are open now, or opened meanwhile, are lost for
   * good: both sides may wait for each other forever, as behind a firewall that has dropped its connection table.
   */
  blackHole(): void {
    this.#newcomers = 'swallow'
    for (const connection of this.#connections) connection.lose()
  }

  /** Lets new connections through again, at full speed. */
  pass(): void {
    this.#newcomers = 'pass'
    this.#latencyMs = 0
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.reset()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(client: Socket): void {
    if (this.#newcomers === 'refuse') return void client.resetAndDestroy()
    const target = this.#newcomers === 'pass' ? this.#target() : undefined
    const connection = new ProxiedConnection(
      client,
      target,
      () => this.#latencyMs,
      () => this.#connections.delete(connection),
    )
    this.#connections.add(connection)
  }
}
