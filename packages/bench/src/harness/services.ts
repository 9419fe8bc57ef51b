import { ElasticsearchServer, environmentNames, findAddress, KafkaCluster, PostgresServer } from 'testkit'
import type { Progress, Service, ServiceName } from 'testkit'

interface Startable {
  readonly name: ServiceName
  readonly service: Service
  readonly address: () => string
}

/**
 * The services that the environment names; those that it doesn't are started, and named there from then on, where the
 * testkit looks for them. Unlike those of the tests they take their time to warm up, and are fast then.
 */
export async function openServices(onProgress: Progress): Promise<AsyncDisposable> {
  const options = { onProgress, jvmFlags: [], heap: '1g' }
  const kafka = new KafkaCluster(options)
  const elasticsearch = new ElasticsearchServer(options)
  const postgres = new PostgresServer({ onProgress })
  const all: readonly Startable[] = [
    { name: 'kafka', service: kafka, address: () => kafka.brokers.join(',') },
    { name: 'elasticsearch', service: elasticsearch, address: () => elasticsearch.url },
    { name: 'database', service: postgres, address: () => postgres.url },
  ]
  const missing = all.filter(({ name }) => findAddress(name) === undefined)
  const close = async (): Promise<void> => {
    await Promise.all(missing.map(({ service }) => service.close()))
  }
  const started = await Promise.allSettled(missing.map(({ service }) => service.start()))
  const failed = started.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  for (const { name, address } of missing) process.env[environmentNames[name]] = address()
  return { [Symbol.asyncDispose]: close }
}
