import { once } from 'node:events'
import { createConnection } from 'node:net'
import { freePort, ServerProcess } from 'testkit'
import type { InstallOptions, Launch, ServiceOptions } from 'testkit'
import { installRedis } from './install-redis.ts'

const host = '127.0.0.1'

/** A Redis that keeps everything in memory. PGSync queues received changes there. */
export class RedisServer extends ServerProcess {
  #port = 0

  constructor(options: ServiceOptions) {
    super('Redis', options)
  }

  /** Known from the first start on. */
  get url(): string {
    return `redis://${host}:${this.#port}/0`
  }

  protected override async prepare(folder: string, options: InstallOptions): Promise<Launch> {
    const { command, env } = await installRedis(options)
    this.#port = await freePort()
    const address = ['--bind', host, '--port', String(this.#port)]
    return { command, args: [...address, '--save', '', '--dir', folder], env, cwd: folder }
  }

  protected override async probe(): Promise<boolean> {
    const socket = createConnection(this.#port, host)
    try {
      socket.write('PING\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      return answer.toString().startsWith('+PONG')
    } finally {
      socket.destroy()
    }
  }
}
