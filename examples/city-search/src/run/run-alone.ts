import { fileURLToPath } from 'node:url'
import { readConfig } from '../config.ts'
import { openConnections } from '../connections.ts'
import type { Connections } from '../connections.ts'
import { consoleLogger } from './console-logger.ts'
import { untilInterrupted } from './until-interrupted.ts'

interface Closable {
  close(): Promise<void>
}

/**
 * Makes a module an entry point of its own: does nothing when the module was only imported, else connects to what the
 * environment names, starts, and runs until it is interrupted. Without anything to close, it ends when `start` does.
 */
export async function runAlone(
  moduleUrl: string,
  start: (connections: Connections) => Promise<Closable | void>,
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(moduleUrl)) return
  const connections = openConnections(readConfig(process.env), consoleLogger)
  try {
    const worker = await start(connections)
    if (worker === undefined) return
    console.log(`${start.name}: running; Ctrl-C ends it`)
    await untilInterrupted()
    await worker.close()
  } finally {
    await connections.close()
  }
}
