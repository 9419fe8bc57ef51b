import { silentLogger } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { Producer } from '@kt/producer'
import { createTestScope, environmentNames, KafkaCluster } from 'testkit'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openStage, versionsByKey } from '../support/outbox-stage.ts'
import type { Stage } from '../support/outbox-stage.ts'
import { RecordingProducer } from '../support/recording-producer.ts'

const outageMs = 3_000
const writers = 4

/** A Kafka of its own, to be stopped. */
const cluster = new KafkaCluster()
await cluster.start()
vi.stubEnv(environmentNames.kafka, cluster.brokers.join(','))
const scope = await createTestScope(import.meta.url)
vi.unstubAllEnvs()
const producer = new Producer({ kafka: scope.kafka(), logger: silentLogger })
afterAll(async () => {
  await producer.close()
  await scope.close()
  await cluster.close()
})

const outages = [
  { name: 'killed', take: () => cluster.kill(), giveBack: () => cluster.start() },
  {
    name: 'frozen',
    take: () => Promise.resolve(cluster.pause()),
    giveBack: () => Promise.resolve(cluster.resume()),
  },
]

/** Writes one version after the other. Each writer writes its own record. */
async function write(app: Stage, id: number, signal: AbortSignal): Promise<number> {
  let version = 0
  for (; !signal.aborted; version++) {
    await app.City.upsert({ id, version, tag: null })
    await sleep(5)
  }
  return version
}

describe.each(outages)('Kafka $name under load', ({ name, take, giveBack }) => {
  it('rejects no write, loses none, and leaves an empty table', async () => {
    const topic = await scope.createTopic(`cities-${name}`)
    const delayTopic = await scope.createTopic(`delay-${name}`)
    const recorder = new RecordingProducer(producer)
    let delayCalls = 0
    recorder.before = ([first]) => void (delayCalls += first?.topic === delayTopic ? 1 : 0)
    await using app = await openStage({
      databaseUrl: scope.databaseUrl,
      producer: recorder,
      topic,
      delayTopic,
      outbox: { waitMs: 500 },
    })
    await app.streamer.start()
    await app.City.create({ id: 0, version: 0, tag: null })
    await app.streamer.flush()
    await take()
    delayCalls = 0
    const load = new AbortController()
    const writing = Array.from({ length: writers }, (_, index) => write(app, index + 1, load.signal))
    await sleep(outageMs)
    load.abort()
    const versions = await Promise.all(writing)
    const written = versions.reduce((sum, each) => sum + each, 0)
    expect(app.counters.get('kt_outbox_stored_total')).toBe(written)
    expect(app.streamer.circuit).not.toBe('closed')
    // The first writes, and an occasional probe. No other write asked Kafka.
    expect(delayCalls).toBeLessThanOrEqual(writers + outageMs / 500)
    expect(delayCalls).toBeLessThan(written / 4)
    await giveBack()
    await scope.waitFor(async () => (await app.outbox.count()) === 0, { what: 'An empty outbox' })
    await scope.waitFor(async () => {
      await app.City.upsert({ id: 0, version: 1, tag: null })
      return app.streamer.circuit === 'closed'
    })
    await scope.waitFor(async () => (await app.outbox.count()) === 0, { what: 'An empty outbox' })
    const found = versionsByKey(await scope.readTopic(topic))
    for (const [index, count] of versions.entries())
      expect([...new Set(found.get(String(index + 1)))]).toEqual([...Array(count).keys()])
  })
})
