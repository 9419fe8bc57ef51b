import { rm } from 'node:fs/promises'
import { findAddress, startServices } from 'testkit'
import type { ServiceName, StartedServices } from 'testkit'
import type { ProgressBars } from './progress-bars.ts'
import { serviceProgress } from './service-progress.ts'

export interface ServicesOptions {
  /** Folder for the services' data. */
  readonly folder: string
  /** Deletes the data of earlier runs. */
  readonly reset: boolean
  readonly bars: ProgressBars
  readonly signal: AbortSignal
}

const needed: readonly ServiceName[] = ['kafka', 'elasticsearch', 'database']

/** Starts the services whose addresses the environment does not set, and uses the others as they are. */
export async function startMissingServices(options: ServicesOptions): Promise<StartedServices> {
  const { folder, reset, bars, signal } = options
  const services = needed.filter((name) => findAddress(name) === undefined)
  if (reset && services.length < needed.length)
    throw new Error('--reset empties only services that this example has started itself; empty yours by hand')
  if (reset) await rm(folder, { recursive: true, force: true })
  return startServices({ services, persistent: folder, onProgress: serviceProgress(bars), signal })
}
