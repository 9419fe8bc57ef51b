import { environmentNames, findAddress } from '../environment.ts'
import type { ServiceName } from '../environment.ts'
import type { Progress } from '../progress.ts'
import { startServices } from './start-services.ts'

export interface FoundService extends AsyncDisposable {
  readonly address: string
  /** Stops the service if this call started it. */
  close(): Promise<void>
}

/**
 * Returns the service that the environment sets, or starts one. For test files that need a service which
 * `testkit/global-setup` does not start, such as OpenSearch.
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
