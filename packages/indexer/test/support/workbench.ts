import { Consumer } from '@kt/consumer'
import type { Payload } from '@kt/core'
import { silentLogger } from '@kt/core'
import { Indexer, indexSettings } from '@kt/indexer'
import type { IndexDefinition, IndexerOptions } from '@kt/indexer'
import { Producer } from '@kt/producer'
import { modelSource } from '@kt/sequelize-stream'
import { Sequelize } from 'sequelize'
import { createTestScope, SearchFaultProxy } from 'testkit'
import type { TestScope, TopicMessage } from 'testkit'
import { City, cityDocument, cityMappings, defineModels } from './city.ts'
import { FakeMeter } from './fakes.ts'
import { SearchIndex } from './search-engine.ts'
import type { SearchEngine } from './search-engine.ts'

export type Settings = Omit<Partial<IndexerOptions<City>>, 'index'> & {
  readonly index?: Partial<IndexDefinition<City>>
}

/** Shared by the tests of one file: the services, and models in their own database. */
export class Workbench {
  readonly scope: TestScope
  readonly engine: SearchEngine
  readonly proxy: SearchFaultProxy
  readonly sequelize: Sequelize
  readonly producer: Producer
  readonly consumer: Consumer
  readonly #clients: { close(): Promise<void> }[] = []
  #benches = 0

  private constructor(scope: TestScope, engine: SearchEngine, proxy: SearchFaultProxy) {
    this.scope = scope
    this.engine = engine
    this.proxy = proxy
    this.sequelize = new Sequelize(scope.databaseUrl, { logging: false })
    this.producer = new Producer({ kafka: scope.kafka() })
    this.consumer = new Consumer({ kafka: () => scope.kafka(), logger: silentLogger, maxWaitMs: 100 })
  }

  static async open(file: string, engine: SearchEngine): Promise<Workbench> {
    const scope = await createTestScope(file)
    const workbench = new Workbench(scope, engine, await SearchFaultProxy.start(engine.url))
    await defineModels(workbench.sequelize)
    return workbench
  }

  /** Creates a topic and an index for one test. */
  async bench(indexBody: object = { settings: indexSettings, mappings: cityMappings }): Promise<Bench> {
    this.#benches += 1
    const name = `cities-${this.#benches}`
    const index = new SearchIndex(this.engine.url, this.scope.index(name))
    const [topic] = await Promise.all([
      this.scope.createTopic(name),
      this.scope.createTopic(`${name}.dead-letter`),
      index.create(indexBody),
    ])
    return new Bench(this, topic, index)
  }

  /** A client of the search engine, through the proxy. */
  client(): IndexerOptions<City>['client'] {
    const connection = this.engine.connect(this.proxy.url)
    this.#clients.push(connection)
    return connection.client
  }

  async close(): Promise<void> {
    await this.consumer.close()
    await Promise.all([
      this.producer.close(),
      this.sequelize.close(),
      ...this.#clients.map((each) => each.close()),
    ])
    await this.proxy.close()
    await this.scope.close()
    await this.engine.stop()
  }
}

/** One topic, its index, and a worker between them. */
export class Bench {
  readonly topic: string
  readonly index: SearchIndex
  readonly meter = new FakeMeter()
  /** The ids of every call of `load`. */
  readonly loads: (readonly string[])[] = []
  readonly #workbench: Workbench

  constructor(workbench: Workbench, topic: string, index: SearchIndex) {
    this.#workbench = workbench
    this.topic = topic
    this.index = index
  }

  /** Starts a worker on cities. */
  async work({ index, ...settings }: Settings = {}): Promise<Indexer<City>> {
    const source = modelSource(City)
    return this.workOn<City>({
      ...settings,
      index: {
        name: this.index.name,
        ...source,
        load: (ids) => {
          this.loads.push(ids)
          return source.load(ids)
        },
        document: cityDocument,
        ...index,
      },
    })
  }

  async workOn<Record>(
    settings: Partial<IndexerOptions<Record>> & Pick<IndexerOptions<Record>, 'index'>,
  ): Promise<Indexer<Record>> {
    const { consumer, producer } = this.#workbench
    const indexer = new Indexer<Record>({
      consumer,
      client: this.#workbench.client(),
      topic: this.topic,
      name: `${this.topic}-indexer`,
      deadLetters: producer,
      retry: { initialMs: 10, maxMs: 100 },
      logger: silentLogger,
      meter: this.meter,
      ...settings,
    })
    await indexer.run()
    return indexer
  }

  /** Sends one batch of payloads or ids. A string that is not a payload is sent unchanged. */
  async send(
    payloads: readonly (Payload | string)[],
    headers: { readonly [name: string]: string } = {},
  ): Promise<void> {
    await this.#workbench.producer.batch((batch) => {
      for (const payload of payloads)
        batch.produce(typeof payload === 'string' ? payload : JSON.stringify(payload), {
          topic: this.topic,
          headers,
        })
    })
  }

  deadLetters(): Promise<TopicMessage[]> {
    return this.#workbench.scope.readTopic(`${this.topic}.dead-letter`)
  }
}
