import { environmentNames, findAddress } from '../environment.ts'
import type { ServiceName } from '../environment.ts'
import type { Progress } from '../progress.ts'
import { startServices } from './start-services.ts'

export interface FoundService extends AsyncDisposable {
  readonly address: string
  /** Ends the service if it was started for this. */
  close(): Promise<void>
}

/**
 * The service that the environment names, else one that is started now: for the few test files that need a service
 * which `testkit/global-setup` does not start, such as OpenSearch.
 */
export async function findOrStart(name: ServiceName, onProgress?: Progress): Promise<FoundService> {
  const known = findAddress(name)
  if (known !== undefined) {
    const close = (): Promise<void> => Promise.resolve()
    return { address: known, close, [Symbol.asyncDispose]: close }
  }
  const started = await startServices({ services: [name], ...(onProgress && { onProgress }) })
  const close = (): Promise<void> => started.close()
  return { address: started.environment[environmentNames[name]] ?? '', close, [Symbol.asyncDispose]: close }
}
