import { findAddress } from './environment.ts'
import type { ServiceName } from './environment.ts'
import { stderrProgress } from './progress.ts'
import { startServices } from './services/start-services.ts'

const needed: readonly ServiceName[] = ['kafka', 'elasticsearch', 'database']

/**
 * For vitest's `globalSetup`: starts, once per run, those services that the environment names no address of, and
 * tells the test files by the same variables where they are.
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
