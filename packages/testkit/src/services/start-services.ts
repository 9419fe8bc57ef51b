import { environmentNames } from '../environment.ts'
import type { ServiceName } from '../environment.ts'
import type { Progress } from '../progress.ts'
import { ElasticsearchServer } from './elasticsearch-server.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { OpenSearchServer } from './opensearch-server.ts'
import { PostgresServer } from './postgres-server.ts'
import type { PostgresServerOptions } from './postgres-server.ts'
import type { JavaServiceOptions, Service } from './service.ts'

export interface StartServicesOptions {
  readonly services: readonly ServiceName[]
  /** @defaultValue free ones */
  readonly ports?: Partial<Readonly<Record<ServiceName, number>>>
  /** A folder for the data of all services, with a subfolder for each. @defaultValue temporary folders */
  readonly persistent?: string
  /** For the services written in Java. */
  readonly java?: Pick<JavaServiceOptions, 'heap' | 'jvmFlags'>
  /** For the database, such as `{ settings: { wal_level: 'logical' } }`. @defaultValue the testkit's own settings */
  readonly database?: Pick<PostgresServerOptions, 'settings'>
  readonly onProgress?: Progress
  readonly signal?: AbortSignal
}

export interface StartedServices extends AsyncDisposable {
  /** The addresses, by the names of the environment variables. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

interface AddressedService {
  readonly service: Service
  address(): string
}

/** Starts services in parallel. If one fails to start, closes the others. */
export async function startServices(options: StartServicesOptions): Promise<StartedServices> {
  const started = options.services.map((name) => ({ name, created: create(name, options) }))
  const close = async (): Promise<void> => {
    await Promise.all(started.map(({ created }) => created.service.close()))
  }
  await startAll(
    started.map(({ created }) => created.service),
    options.signal,
  ).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const environment = started.map(({ name, created }) => [environmentNames[name], created.address()])
  return {
    environment: Object.fromEntries(environment) as Record<string, string>,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Stops the other starts after the first failure, so that no download goes on in vain. */
async function startAll(services: readonly Service[], signal: AbortSignal | undefined): Promise<void> {
  const failed = new AbortController()
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const starts = services.map((service) => service.start(either))
  try {
    await Promise.all(starts)
  } catch (error) {
    failed.abort()
    await Promise.allSettled(starts)
    throw error
  }
}

function create(name: ServiceName, options: StartServicesOptions): AddressedService {
  const { java, database, onProgress, ports = {}, persistent } = options
  const port = ports[name]
  const common = {
    ...(onProgress && { onProgress }),
    ...(port !== undefined && { port }),
    ...(persistent !== undefined && { persistent: `${persistent}/${name}` }),
  }
  switch (name) {
    case 'kafka':
      return withAddress(new KafkaCluster({ ...common, ...java }), ({ brokers }) => brokers.join(','))
    case 'elasticsearch':
      return withAddress(new ElasticsearchServer({ ...common, ...java }), ({ url }) => url)
    case 'opensearch':
      return withAddress(new OpenSearchServer({ ...common, ...java }), ({ url }) => url)
    case 'database':
      return withAddress(new PostgresServer({ ...common, ...database }), ({ url }) => url)
    default:
      return name satisfies never
  }
}

/** The address is known once the service has started. */
function withAddress<S extends Service>(service: S, address: (service: S) => string): AddressedService {
  return { service, address: () => address(service) }
}
