import { findAddress } from './environment.ts'
import type { ServiceName } from './environment.ts'
import { stderrProgress } from './progress.ts'
import { startServices } from './services/start-services.ts'

const needed: readonly ServiceName[] = ['kafka', 'elasticsearch', 'database']

/**
 * For vitest's `globalSetup`. Starts the services whose addresses the environment does not set, once per run. Passes
 * their addresses to the test files in the same variables.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const services = needed.filter((name) => findAddress(name) === undefined)
  const started = await startServices({ services, onProgress: stderrProgress })
  Object.assign(process.env, started.environment)
  return async () => {
    for (const name of Object.keys(started.environment)) delete process.env[name]
    await started.close()
  }
}
