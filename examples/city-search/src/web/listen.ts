import { once } from 'node:events'
import type { Server } from 'node:net'

/** Resolves when the server listens. It listens on loopback only. */
export async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is taken: choose another with PORT or --port`, { cause: error })
  }
}
