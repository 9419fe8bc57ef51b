import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../config.ts'
import { openConnections } from '../connections.ts'
import type { Connections } from '../connections.ts'
import { consoleLogger } from './console-logger.ts'
import { interruption, untilInterrupted } from './interruption.ts'

export interface Running {
  /** Where it can be visited, if it can. */
  readonly url?: string
  close(): Promise<void>
}

/**
 * Makes a module an entry point of its own: does nothing when the module was only imported, else connects to what the
 * environment names, starts, and runs until it is interrupted. Without anything to close, it ends when `start` does.
 */
export async function runAlone(
  moduleUrl: string,
  start: (connections: Connections) => Promise<Running | void>,
): Promise<void> {
  const [, main] = process.argv
  if (main === undefined || realpathSync(main) !== fileURLToPath(moduleUrl)) return
  const signal = interruption()
  try {
    const connections = openConnections(readConfig(process.env), consoleLogger)
    try {
      const running = await start(connections)
      if (running === undefined) return
      console.log(running.url === undefined ? 'running' : `running at ${running.url}`)
      await untilInterrupted(signal)
      await running.close()
    } finally {
      await connections.close()
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
