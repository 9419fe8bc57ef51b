import { Client } from '@elastic/elasticsearch'
import {
  ElasticsearchServer,
  environmentNames,
  KafkaCluster,
  PostgresServer,
  SearchFaultProxy,
  TcpFaultProxy,
} from 'testkit'
import type { Progress } from 'testkit'

/** One broker, one broker behind a proxy, or three brokers that can lose one. */
export type KafkaKind = 'single' | 'proxied' | 'replicated'

/** Proxies in front of the services, for clients that use their addresses. */
interface Proxies {
  readonly kafka: TcpFaultProxy
  readonly elasticsearch: TcpFaultProxy
  readonly search: SearchFaultProxy
  readonly database: TcpFaultProxy
}

/** Replaces killed workers sooner than after the brokers' default minimum of 6 s. Turns off automatic topics. */
const kafkaProperties = { 'group.min.session.timeout.ms': '500', 'auto.create.topics.enable': 'false' }

/** Starts services that scenarios may break. Never uses services from the environment. */
export class ChaosServices implements AsyncDisposable {
  readonly elasticsearch: ElasticsearchServer
  readonly database: PostgresServer
  readonly #onProgress: Progress
  readonly #before = new Map<string, string | undefined>()
  #proxies: Proxies | undefined
  #kafka: KafkaCluster | undefined
  #kind: KafkaKind | undefined
  #client: Client | undefined
  #isClosed = false

  private constructor(onProgress: Progress) {
    this.#onProgress = onProgress
    this.elasticsearch = new ElasticsearchServer({ onProgress })
    this.database = new PostgresServer({ onProgress })
  }

  static async open(onProgress: Progress): Promise<ChaosServices> {
    const services = new ChaosServices(onProgress)
    try {
      await Promise.all([services.elasticsearch.start(), services.database.start()])
      await services.#openProxies()
      return services
    } catch (error) {
      await services.close()
      throw error
    }
  }

  get kafka(): KafkaCluster {
    if (this.#kafka === undefined) throw new Error('There is no Kafka yet')
    return this.#kafka
  }

  /** The address without proxies. */
  get client(): Client {
    return (this.#client ??= new Client({ node: this.elasticsearch.url }))
  }

  get proxies(): Proxies {
    if (this.#proxies === undefined) throw new Error('There are no proxies yet')
    return this.#proxies
  }

  /** Makes sure that everything runs, with this kind of Kafka, and undoes all previous faults. */
  async provide(kind: KafkaKind): Promise<void> {
    if (this.#isClosed) throw new Error('The services are closed')
    if (this.#kind !== kind) await this.#replaceKafka(kind)
    const { kafka, elasticsearch, database } = this
    for (const service of [kafka, elasticsearch, database]) service.resume()
    await Promise.all([kafka.start(), elasticsearch.start(), database.start()])
    for (const proxy of [this.proxies.kafka, this.proxies.elasticsearch, this.proxies.database]) proxy.pass()
    this.proxies.search.failAllRequests(undefined)
    this.proxies.search.failItems(() => undefined)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const [name, value] of this.#before) setVariable(name, value)
    const proxies = Object.values(this.#proxies ?? {}) as readonly { close(): Promise<void> }[]
    await Promise.all(proxies.map((each) => each.close()))
    await this.#client?.close()
    await Promise.all([this.#kafka?.close(), this.elasticsearch.close(), this.database.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #openProxies(): Promise<void> {
    const { elasticsearch, database } = this
    this.#proxies = {
      kafka: await TcpFaultProxy.start(() => this.kafka.brokers[0] ?? ''),
      elasticsearch: await TcpFaultProxy.start(() => new URL(elasticsearch.url).host),
      search: await SearchFaultProxy.start(elasticsearch.url),
      database: await TcpFaultProxy.start(() => new URL(database.url).host),
    }
    this.#announce('elasticsearch', elasticsearch.url)
    this.#announce('database', database.url)
  }

  async #replaceKafka(kind: KafkaKind): Promise<void> {
    await this.#kafka?.close()
    this.#kind = undefined
    const advertised = { 'advertised.listeners': `PLAINTEXT://${this.proxies.kafka.address}` }
    this.#kafka = new KafkaCluster({
      brokers: kind === 'replicated' ? 3 : 1,
      properties: { ...kafkaProperties, ...(kind === 'proxied' && advertised) },
      onProgress: this.#onProgress,
    })
    await this.#kafka.start()
    this.#kind = kind
    this.#announce('kafka', this.#kafka.brokers.join(','))
  }

  /** The testkit's scopes read the address from here. */
  #announce(service: keyof typeof environmentNames, address: string): void {
    const name = environmentNames[service]
    if (!this.#before.has(name)) this.#before.set(name, process.env[name])
    setVariable(name, address)
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}
