import { Consumer } from '@kt/consumer'
import type { ConsumerOptions } from '@kt/consumer'
import { Indexer, redrive } from '@kt/indexer'
import type { IndexDefinition, IndexerOptions } from '@kt/indexer'
import { Producer } from '@kt/producer'
import { modelSource, readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { createTestScope, issueCertificate, requireAddress } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LogBook } from './support/log-book.ts'
import { apiKeyHeader, Person, secrets, SecuredServices } from './support/secured.ts'

let scope: TestScope
let services: SecuredServices
let producer: Producer
let book: LogBook
let uninstall: () => void
const open: { close(): Promise<void> }[] = []
const everything = new LogBook()

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  services = await SecuredServices.start(requireAddress('elasticsearch'))
  producer = new Producer({ kafka: services.kafka(), logger: everything.logger })
  const updateStreamer = new UpdateStreamer({ producer, logger: everything.logger })
  uninstall = updateStream(Person, { updateStreamer })
  await scope.elasticsearch.indices.create({
    index: scope.index('people'),
    mappings: { properties: { email: { type: 'keyword' }, age: { type: 'long' } } },
  })
})
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
  everything.lines.push(...(book?.lines ?? []))
})
afterAll(async () => {
  uninstall?.()
  await producer?.close()
  await services?.close()
  await scope?.close()
})

function consumer(options: Partial<ConsumerOptions> = {}): Consumer {
  const made = new Consumer({
    kafka: () => services.kafka(),
    logger: book.logger,
    maxWaitMs: 100,
    ...options,
  })
  open.push(made)
  return made
}

type Settings = Omit<Partial<IndexerOptions<Person>>, 'index'> & {
  readonly index?: Partial<IndexDefinition<Person>>
}

/** A worker on the secured services. Its `name` separates its reads from those of other tests. */
function indexer(name: string, { index, ...settings }: Settings = {}): Indexer<Person> {
  book = new LogBook()
  const client = services.search({ apiKey: secrets.apiKey })
  const made = new Indexer<Person>({
    consumer: consumer(),
    client,
    topic: 'people',
    name,
    versions: readTickets(services.sequelize),
    deadLetters: producer,
    retry: { initialMs: 10, maxMs: 100 },
    logger: book.logger,
    index: {
      name: scope.index('people'),
      ...modelSource(Person),
      document: ({ email, age }) => ({ email, age }),
      ...index,
    },
    ...settings,
  })
  open.push(made, client)
  return made
}

async function indexed(id: number): Promise<unknown> {
  const found = await scope.elasticsearch.get(
    { index: scope.index('people'), id: String(id) },
    { ignore: [404] },
  )
  return found._source
}

test('a write reaches the index over three secured connections', async () => {
  const worker = indexer('by-key')
  await worker.run()
  const { id } = await Person.create({ email: secrets.email, age: '42' })
  await scope.waitFor(() => indexed(id))
  expect(await indexed(id)).toEqual({ email: secrets.email, age: '42' })
  expect(services.proxy.passed).toBeGreaterThan(0)
  expect(services.proxy.refused).toBe(0)
  expect(book.at('error')).toBe('')
})

test('accepts a search client with a user and a password', async () => {
  services.proxy.authorization = `Basic ${Buffer.from(`app:${secrets.apiKey}`).toString('base64')}`
  try {
    const client = services.search({ username: 'app', password: secrets.apiKey })
    const worker = indexer('by-password', { client })
    open.push(client)
    await worker.run()
    await worker.whenCaughtUp()
    expect(book.at('error')).toBe('')
  } finally {
    services.proxy.authorization = apiKeyHeader
  }
})

test('with a wrong password for Kafka, a worker and a write fail at once with the reason', async () => {
  book = new LogBook()
  const kafka = services.kafka({ password: secrets.wrongPassword })
  const joining = consumer({ kafka }).consume({ topic: 'people', name: 'wrong' }, async () => undefined)
  await expect(joining).rejects.toMatchObject({
    code: 'KT_CONSUME_FAILED',
    message: expect.stringContaining('check the options sasl and ssl of Kafka') as string,
    retryable: false,
  })
  await using wrong = new Producer({ kafka, logger: book.logger })
  await expect(wrong.produce('x', { topic: 'people' })).rejects.toMatchObject({
    code: 'KT_PRODUCE_FAILED',
    message: expect.stringContaining('check the option sasl of Kafka') as string,
  })
  expect(book.at('error')).toContain('Kafka refuses the credentials')
})

test('without the right authority, nothing connects to Kafka, and the log contains the reason', async () => {
  book = new LogBook()
  const { authority } = await issueCertificate()
  await using wrong = new Producer({
    kafka: services.kafka({ ca: authority }),
    logger: book.logger,
    timeoutMs: 1_000,
  })
  await expect(wrong.produce('x', { topic: 'people' })).rejects.toMatchObject({ retryable: true })
  await scope.waitFor(() => book.at('error').includes('check the option ssl of Kafka'))
})

test('logs an error and retries if the search engine rejects the key', async () => {
  services.proxy.authorization = 'ApiKey another'
  const worker = indexer('refused')
  await worker.run()
  await scope.waitFor(() => book.at('error').includes('check the credentials of the client'))
  expect(book.at('error')).toContain('security_exception')
  services.proxy.authorization = apiKeyHeader
  await worker.whenCaughtUp()
})

test('logs an error and retries if the database rejects the password', async () => {
  const url = new URL(services.postgres.url)
  url.password = secrets.wrongPassword
  const wrong = services.database(url.href)
  let right = false
  const source = modelSource(Person)
  const worker = indexer('no-database', {
    index: {
      load: async (ids) => {
        if (!right) await wrong.query('SELECT 1')
        return source.load(ids)
      },
    },
  })
  worker.run().catch(() => undefined)
  await scope.waitFor(() => book.at('error').includes('28P01'))
  expect(book.at('error')).toContain('The records cannot be loaded')
  right = true
  await worker.whenCaughtUp()
  await wrong.close()
})

test('does not pass on errors of the search engine, database and code that quote a row', async () => {
  const email = `second-${secrets.email}`
  const bad = await Person.create({ email, age: secrets.age })
  const worse = await Person.create({ email: `third-${secrets.email}`, age: '1' })
  const worker = indexer('leaks', {
    index: {
      document: (person) => {
        if (person.id === worse.id)
          throw new TypeError(`no number in ${JSON.stringify(person)}\n    at ${secrets.age}`)
        return { email: person.email, age: person.age }
      },
    },
  })
  await worker.run()
  await producer.produce(`{"email":"${secrets.email}"`, { topic: 'people' })
  await worker.whenCaughtUp()
  const failing = consumer()
  let failures = 0
  await failing.consume({ topic: 'people', name: 'failing' }, async () => {
    failures += 1
    // The driver's error quotes the row, and Sequelize's error quotes the statement with its parameters.
    if (failures === 1) await Person.create({ email, age: secrets.age })
    if (failures === 2) throw new Error(`amqp://app:${secrets.kafkaPassword}@host`, { cause: secrets.email })
  })
  await scope.waitFor(() => failures > 2)

  const letters: string[] = []
  await redrive({
    consumer: consumer(),
    producer,
    topic: 'people',
    logger: book.logger,
    // The value is the original message. Nothing else may contain data of the row.
    filter: (letter) => letters.push(Object.values({ ...letter, value: '' }).join(' ')) === 0,
  })
  expect(
    letters.flatMap((each) => each.match(/KT_\w+/) ?? []).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['KT_DOCUMENT_FAILED', 'KT_DOCUMENT_REJECTED', 'KT_PAYLOAD_INVALID'])
  expect(letters.join()).not.toContain('sesame')
  expect(letters.join()).toContain(`${bad.id} `)
  expect(book.at('warn')).toContain('SequelizeUniqueConstraintError')
  expect(book.at('warn')).toContain('23505')
})

test('no log line of these tests contains a secret', () => {
  expect(everything.lines.length).toBeGreaterThan(10)
  expect(everything.text).not.toContain('sesame')
})
