import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { KtError, silentLogger } from '@kt/core'
import { Producer } from '@kt/producer'
import { Kafka } from 'kafkajs'
import type { KafkaConfig } from 'kafkajs'
import { KafkaCluster, waitFor } from 'testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const timeoutMs = 1_500
const cluster = new KafkaCluster()
const producers: Producer[] = []

beforeAll(() => cluster.start())
afterAll(() => cluster.close())
afterEach(async () => {
  await Promise.all(producers.splice(0).map((producer) => producer.close()))
})

/** Uses kafkajs with its default settings, whose timeouts add up to three minutes. */
function producerOf(brokers: string[], config: Partial<KafkaConfig> = {}): Producer {
  const kafka = new Kafka({ brokers, logCreator: () => () => undefined, ...config })
  const producer = new Producer({ kafka, timeoutMs, logger: silentLogger })
  producers.push(producer)
  return producer
}

async function failure(promise: Promise<unknown>): Promise<KtError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!KtError.isInstance(error)) throw new Error('Expected a KtError', { cause: error })
  expect(['KT_PRODUCE_TIMEOUT', 'KT_PRODUCE_FAILED']).toContain(error.code)
  expect(error.retryable).toBe(true)
  return error
}

/** Resolves when a call succeeds. Retries for long, because a call may fail while Kafka is only half started. */
function recovers(producer: Producer, topic: string): Promise<boolean> {
  return waitFor(
    async () => {
      await producer.produce('after', { topic })
      return true
    },
    { timeoutMs: 45_000 },
  )
}

/** Accepts connections and never answers. */
class BlackHole {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
  })

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

test('without a connection, when refused: rejects with the error of kafkajs', async () => {
  const hole = new BlackHole()
  const address = await hole.start()
  await hole.stop()
  const producer = producerOf([address], { retry: { retries: 0 } })
  const error = await failure(producer.produce('x', { topic: 'away' }))
  expect(error.code).toBe('KT_PRODUCE_FAILED')
  expect(String(error.cause)).toContain('ECONNREFUSED')
  expect(await failure(producer.keyPartitioner('away'))).toMatchObject({ code: 'KT_PRODUCE_FAILED' })
})

test('in a black hole: rejects in time, and so does the next call', async () => {
  const hole = new BlackHole()
  const producer = producerOf([await hole.start()])
  const error = await failure(producer.produce('1', { topic: 'away' }))
  expect(error).toMatchObject({ code: 'KT_PRODUCE_TIMEOUT', cause: { name: 'TimeoutError' } })
  await failure(producer.produce('2', { topic: 'away' }))
  expect(await failure(producer.keyPartitioner('away'))).toMatchObject({ code: 'KT_PRODUCE_TIMEOUT' })
  await producer.close()
  await hole.stop()
})

test('with a frozen Kafka: rejects, and recovers by itself', async () => {
  const producer = producerOf(cluster.brokers)
  await producer.produce('before', { topic: 'frozen' })
  cluster.pause()
  try {
    // The system stops a process slightly after the signal, so one more call may succeed.
    await waitFor(() =>
      producer.produce('0', { topic: 'frozen' }).then(
        () => false,
        () => true,
      ),
    )
    await Promise.all(['1', '2', '3'].map((value) => failure(producer.produce(value, { topic: 'frozen' }))))
  } finally {
    cluster.resume()
  }
  expect(await recovers(producer, 'frozen')).toBe(true)
})

test('with a stopped Kafka: rejects, and recovers by itself', async () => {
  const connected = producerOf(cluster.brokers)
  const fresh = producerOf(cluster.brokers)
  await connected.produce('before', { topic: 'stopped' })
  await cluster.stop()
  await Promise.all(
    [connected, fresh].map((producer) => failure(producer.produce('1', { topic: 'stopped' }))),
  )
  await cluster.start()
  expect(await recovers(connected, 'stopped')).toBe(true)
  expect(await recovers(fresh, 'stopped')).toBe(true)
})

test('with a killed and restarted Kafka: a call with a long timeout succeeds', async () => {
  const kafka = new Kafka({ brokers: cluster.brokers, logCreator: () => () => undefined })
  const patient = new Producer({ kafka, timeoutMs: 60_000, logger: silentLogger })
  producers.push(patient)
  await patient.produce('before', { topic: 'killed' })
  await cluster.kill()
  const pending = patient.batch((batch) => {
    for (let index = 0; index < 100; index += 1) batch.produce(String(index), { topic: 'killed' })
  })
  await cluster.start()
  await expect(pending).resolves.toBeUndefined()
})
