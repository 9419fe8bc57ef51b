import { environmentNames, findAddress, KafkaCluster, startServices } from 'testkit'
import type { Progress } from 'testkit'

export interface OpenServicesOptions {
  /** Starts a Kafka that replaces killed workers sooner, even if the environment sets one. @defaultValue false */
  readonly ownKafka?: boolean
  readonly onProgress?: Progress
}

export interface LabServices extends AsyncDisposable {
  /** Stops the started services and removes their addresses from the environment. */
  close(): Promise<void>
}

/** Replaces killed workers sooner than after the brokers' default minimum of 6 s. Turns off automatic topics. */
const kafkaProperties = { 'group.min.session.timeout.ms': '500', 'auto.create.topics.enable': 'false' }

/**
 * Uses the services that the environment sets and starts the others. Puts the addresses of started services into the
 * environment, where the testkit looks for them.
 */
export async function openServices(options: OpenServicesOptions = {}): Promise<LabServices> {
  const before = { ...process.env }
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const name of Object.values(environmentNames)) setVariable(name, before[name])
    await Promise.all(closing.map((each) => each()))
  }
  const results = await Promise.allSettled([startKafka(options, closing), startOthers(options, closing)])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  return { close, [Symbol.asyncDispose]: close }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}

async function startKafka(
  { ownKafka = false, onProgress }: OpenServicesOptions,
  closing: (() => Promise<void>)[],
): Promise<void> {
  if (findAddress('kafka') !== undefined && !ownKafka) return
  const cluster = new KafkaCluster({ properties: kafkaProperties, ...(onProgress && { onProgress }) })
  closing.push(() => cluster.close())
  await cluster.start()
  setVariable(environmentNames.kafka, cluster.brokers.join(','))
}

async function startOthers(
  { onProgress }: OpenServicesOptions,
  closing: (() => Promise<void>)[],
): Promise<void> {
  const services = (['elasticsearch', 'database'] as const).filter((name) => findAddress(name) === undefined)
  const started = await startServices({ services, ...(onProgress && { onProgress }) })
  closing.push(() => started.close())
  for (const [name, value] of Object.entries(started.environment)) setVariable(name, value)
}
