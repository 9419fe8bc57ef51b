import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A connection from a client and the connection to the server that it is forwarded to. */
export class ProxiedConnection {
  readonly #latencyMs: () => number
  readonly #sockets: readonly Socket[]
  #lost = false

  /**
   * @param target `host:port`; undefined if nothing is ever answered
   * @param latencyMs how long each piece of data is delayed
   * @param onEnd called when both sides have ended
   */
  constructor(client: Socket, target: string | undefined, latencyMs: () => number, onEnd: () => void) {
    this.#latencyMs = latencyMs
    client.setNoDelay()
    if (target === undefined) {
      this.#sockets = [client]
      this.#lost = true
      client.resume()
    } else {
      const [host, port] = [target.slice(0, target.lastIndexOf(':')), Number(target.split(':').at(-1))]
      const server = connect({ host, port, noDelay: true, allowHalfOpen: true })
      this.#sockets = [client, server]
      this.#forward(client, server)
      this.#forward(server, client)
    }
    let open = this.#sockets.length
    for (const socket of this.#sockets) {
      socket.on('error', () => undefined)
      socket.once('close', () => --open === 0 && onEnd())
    }
  }

  /** Resets both sides with a RST. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Stops forwarding. Neither side gets any more data, nor the end of the other. */
  lose(): void {
    this.#lost = true
  }

  #forward(from: Socket, to: Socket): void {
    let passed = Promise.resolve()
    const later = (act: () => void): void => {
      const dueAt = performance.now() + this.#latencyMs()
      passed = passed.then(async () => {
        const waitMs = dueAt - performance.now()
        if (waitMs > 0) await delay(waitMs)
        if (!this.#lost) act()
      })
    }
    from.on('data', (data) =>
      later(() => {
        if (to.write(data) || from.destroyed) return
        from.pause()
        to.once('drain', () => from.resume())
      }),
    )
    from.once('end', () => later(() => to.end()))
    from.once('error', () => later(() => to.resetAndDestroy()))
  }
}
