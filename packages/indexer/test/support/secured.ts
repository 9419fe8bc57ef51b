import { Client } from '@elastic/elasticsearch'
import { Kafka } from 'kafkajs'
import { DataTypes, Model, Sequelize } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import { issueCertificate, KafkaCluster, PostgresServer } from 'testkit'
import type { ServerCertificate } from 'testkit'
import { GuardedProxy } from './guarded-proxy.ts'

export class Person extends Model<InferAttributes<Person>, InferCreationAttributes<Person>> {
  declare id: CreationOptional<number>
  declare email: string
  /** A number in the index, but any text in the database. This gives a document that the search engine rejects. */
  declare age: string
}

type SearchAuth = { readonly apiKey: string } | { readonly username: string; readonly password: string }

/** None of these may appear in any output. */
export const secrets = {
  kafkaPassword: 'kafka-sesame-7c1d',
  wrongPassword: 'wrong-sesame-9e2f',
  apiKey: 'api-sesame-3b4a',
  email: 'alice.sesame@example.com',
  age: 'forty-two-sesame',
}

export const apiKeyHeader = `ApiKey ${secrets.apiKey}`

/** Kafka, PostgreSQL and Elasticsearch that accept only TLS and the right credentials. */
export class SecuredServices {
  readonly certificate: ServerCertificate
  readonly kafkaCluster: KafkaCluster
  readonly postgres: PostgresServer
  readonly proxy: GuardedProxy
  readonly sequelize: Sequelize

  private constructor(
    certificate: ServerCertificate,
    kafka: KafkaCluster,
    postgres: PostgresServer,
    proxy: GuardedProxy,
  ) {
    this.certificate = certificate
    this.kafkaCluster = kafka
    this.postgres = postgres
    this.proxy = proxy
    this.sequelize = this.database(postgres.url)
  }

  static async start(elasticsearchUrl: string): Promise<SecuredServices> {
    const certificate = await issueCertificate()
    const kafka = new KafkaCluster({ secured: { certificate, users: { app: secrets.kafkaPassword } } })
    const postgres = new PostgresServer({ certificate })
    const proxy = GuardedProxy.start(elasticsearchUrl, certificate, apiKeyHeader)
    await Promise.all([kafka.start(), postgres.start(), proxy])
    const services = new SecuredServices(certificate, kafka, postgres, await proxy)
    await services.#createTopics()
    await services.#defineModel()
    return services
  }

  kafka({ password = secrets.kafkaPassword, ca = this.certificate.authority } = {}): Kafka {
    return new Kafka({
      brokers: this.kafkaCluster.securedBrokers,
      ssl: { ca },
      sasl: { mechanism: 'scram-sha-256', username: 'app', password },
      retry: { retries: 1, initialRetryTime: 50 },
      logCreator: () => () => undefined,
    })
  }

  database(url: string): Sequelize {
    const dialectOptions = { ssl: { ca: this.certificate.authority } }
    return new Sequelize(url, { logging: false, dialectOptions })
  }

  search(auth: SearchAuth): Client {
    return new Client({
      node: this.proxy.url,
      tls: { ca: this.certificate.authority },
      auth,
    })
  }

  async close(): Promise<void> {
    await this.sequelize.close()
    await Promise.all([this.proxy.close(), this.kafkaCluster.close(), this.postgres.close()])
  }

  /** Uses a secured connection, like everything else. */
  async #createTopics(): Promise<void> {
    const admin = this.kafka().admin()
    await admin.connect()
    await admin.createTopics({
      topics: ['people', 'people.dead-letter', 'delay_5m'].map((topic) => ({ topic })),
      // kafkajs fails while it waits for leaders if a busy broker does not know the topic yet.
      waitForLeaders: false,
    })
    await admin.disconnect()
  }

  async #defineModel(): Promise<void> {
    const { sequelize } = this
    const text = { type: DataTypes.TEXT, allowNull: false }
    const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }
    Person.init(
      { id, email: { ...text, unique: true }, age: text },
      { sequelize, tableName: 'people', timestamps: false },
    )
    await sequelize.sync()
  }
}
