import { parentPort } from 'node:worker_threads'
import { silentLogger } from '@kt/core'
import { openApplication } from './application.ts'
import { readSettings } from './settings.ts'

/** Runs a second process or thread of the application, which shares the work of its workers until it is ended. */
async function shareWork(): Promise<void> {
  const { workers } = await openApplication(readSettings(), {}, silentLogger)
  await workers.run()
  process.send?.('ready')
  parentPort?.postMessage('ready', [])
}

void shareWork()
