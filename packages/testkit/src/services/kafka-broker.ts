import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from '../install/java-service.ts'
import { installKafka } from '../install/kafka.ts'
import { kafkaProperties } from './kafka-properties.ts'
import type { KafkaPorts } from './kafka-properties.ts'
import { quietKafka } from './quiet-kafka.ts'
import type { SecuredListener } from './secured-listener.ts'
import { scramUsers, securedProperties } from './secured-listener.ts'
import type { Launch } from './server-process.ts'
import { ServerProcess } from './server-process.ts'
import type { JavaServiceOptions } from './service.ts'
import { quickStartFlags } from './service.ts'

/** Settings shared by all nodes of a cluster. */
export interface KafkaLayout {
  readonly clusterId: string
  readonly nodes: readonly KafkaPorts[]
}

export interface KafkaBrokerOptions extends JavaServiceOptions {
  readonly nodeId: number
  readonly layout: () => Promise<KafkaLayout>
  readonly properties: Readonly<Record<string, string>>
  readonly secured: SecuredListener | undefined
}

/** One node of a {@link KafkaCluster}, for tests that stop a single node. */
export class KafkaBroker extends ServerProcess {
  readonly nodeId: number
  readonly #options: KafkaBrokerOptions
  #address: string | undefined
  #securedAddress: string | undefined

  constructor(name: string, options: KafkaBrokerOptions) {
    super(name, options)
    this.nodeId = options.nodeId
    this.#options = options
  }

  /** `host:port`. Known from the first start on. */
  get address(): string {
    if (this.#address === undefined) throw new Error(`${this.name} was not started yet`)
    return this.#address
  }

  /** `host:port` of the secured listener. Known from the first start on. */
  get securedAddress(): string {
    if (this.#securedAddress === undefined) throw new Error(`${this.name} has no secured listener`)
    return this.#securedAddress
  }

  protected override async prepare(folder: string, options: InstallOptions): Promise<Launch> {
    const { layout, properties, secured, heap = '512m', jvmFlags = quickStartFlags } = this.#options
    const [{ clusterId, nodes }, { java, home }] = await Promise.all([layout(), installKafka(options)])
    const file = join(folder, 'server.properties')
    const all = { ...(secured && securedProperties(secured)), ...properties }
    await writeFile(file, kafkaProperties(this.nodeId, nodes, join(folder, 'data'), all), { mode: 0o600 })
    const ports = nodes[this.nodeId - 1]
    this.#address = `127.0.0.1:${ports?.broker}`
    if (secured) this.#securedAddress = `127.0.0.1:${ports?.secured}`
    const classPath = [join(home, 'classes'), join(home, 'lib', '*')].join(':')
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
    const launcher = ['KafkaLauncher', clusterId, file, ...(secured ? scramUsers(secured) : [])]
    const args = [`-Xmx${heap}`, ...jvmFlags, log, '-cp', classPath, ...launcher]
    return { command: java, args, cwd: folder }
  }

  /** Ready when the cluster counts this node among those that serve clients. */
  protected override async probe(): Promise<boolean> {
    const retry = { retries: 0 }
    const admin = quietKafka({ brokers: [this.address], retry, requestTimeout: 2000 }).admin({ retry })
    try {
      await admin.connect()
      const { brokers } = await admin.describeCluster()
      return brokers.some(({ nodeId }) => nodeId === this.nodeId)
    } finally {
      await admin.disconnect()
    }
  }
}
