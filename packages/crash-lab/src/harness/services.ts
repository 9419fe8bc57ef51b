import { environmentNames, findAddress, KafkaCluster, startServices } from 'testkit'
import type { Progress } from 'testkit'
import type { Addresses } from './settings.ts'

export interface LabServices extends AsyncDisposable {
  readonly addresses: Addresses
  close(): Promise<void>
}

/** Lets a killed worker be replaced sooner than after the 6 seconds that brokers insist on by default. */
const kafkaProperties = { 'group.min.session.timeout.ms': '500' }

/**
 * The services that the environment names; those that it doesn't are started, and named there from then on, where the
 * testkit looks for them.
 */
export async function openServices(onProgress?: Progress): Promise<LabServices> {
  const opened: { name: string; close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const { name } of opened) Reflect.deleteProperty(process.env, name)
    await Promise.all(opened.map((each) => each.close()))
  }
  const starts = [startKafka(opened, onProgress), startOthers(opened, onProgress)]
  const results = await Promise.allSettled(starts)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  return { addresses: environmentAddresses(), close, [Symbol.asyncDispose]: close }
}

/** Where the environment says that the services are. */
function environmentAddresses(): Addresses {
  return {
    brokers: (findAddress('kafka') ?? '').split(','),
    elasticsearchUrl: findAddress('elasticsearch') ?? '',
    databaseUrl: findAddress('database') ?? '',
  }
}

type Opened = { name: string; close(): Promise<void> }[]

async function startKafka(opened: Opened, onProgress: Progress | undefined): Promise<void> {
  if (findAddress('kafka') !== undefined) return
  const cluster = new KafkaCluster({ properties: kafkaProperties, ...(onProgress && { onProgress }) })
  const name = environmentNames.kafka
  opened.push({ name, close: () => cluster.close() })
  await cluster.start()
  process.env[name] = cluster.brokers.join(',')
}

async function startOthers(opened: Opened, onProgress: Progress | undefined): Promise<void> {
  const services = (['elasticsearch', 'database'] as const).filter((name) => findAddress(name) === undefined)
  const started = await startServices({ services, ...(onProgress && { onProgress }) })
  const names = Object.keys(started.environment)
  opened.push(...names.map((name) => ({ name, close: () => started.close() })))
  Object.assign(process.env, started.environment)
}
