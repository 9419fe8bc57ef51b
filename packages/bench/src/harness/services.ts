import { findAddress, startServices } from 'testkit'
import type { Progress, StartedServices } from 'testkit'

/**
 * Uses the services that the environment sets and starts the others. Puts the addresses of started services into the
 * environment, where the testkit looks for them. Unlike those for tests, they start slowly and run fast.
 *
 * @param databaseSettings settings of PostgreSQL, if it is started
 */
export async function openServices(
  onProgress: Progress,
  databaseSettings: Readonly<Record<string, string>>,
): Promise<StartedServices> {
  const services = (['kafka', 'elasticsearch', 'database'] as const).filter(
    (name) => findAddress(name) === undefined,
  )
  const started = await startServices({
    services,
    java: { heap: '1g', jvmFlags: [] },
    database: { settings: databaseSettings },
    onProgress,
  })
  Object.assign(process.env, started.environment)
  return started
}
