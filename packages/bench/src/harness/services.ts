import { findAddress, startServices } from 'testkit'
import type { Progress, StartedServices } from 'testkit'

/**
 * The services that the environment names; those that it doesn't are started, and named there from then on, where the
 * testkit looks for them. Unlike those of the tests they take their time to warm up, and are fast then.
 *
 * @param databaseSettings of PostgreSQL, if it is started
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
