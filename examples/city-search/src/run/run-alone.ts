import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../config.ts'
import { openConnections } from '../connections.ts'
import type { Connections } from '../connections.ts'
import { consoleLogger } from './console-logger.ts'
import { interruption, untilInterrupted } from './interruption.ts'

export interface Running {
  /** The address of its page, if it has one. */
  readonly url?: string
  close(): Promise<void>
}

/**
 * Makes a module an entry point. Does nothing if the module was only imported. Otherwise connects to the services in
 * the environment, starts, and runs until it is interrupted. If `start` returns nothing to close, ends after `start`.
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
