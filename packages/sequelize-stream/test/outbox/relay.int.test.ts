import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { KtError, silentLogger } from '@kt/core'
import { Producer } from '@kt/producer'
import { createTestScope, gate } from 'testkit'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStage, versionsByKey } from '../support/outbox-stage.ts'
import type { Stage } from '../support/outbox-stage.ts'
import { RecordingProducer } from '../support/recording-producer.ts'

const scope = await createTestScope(import.meta.url)
const { databaseUrl } = scope
const kafka = new Producer({ kafka: scope.kafka(), logger: silentLogger })
afterAll(async () => {
  await kafka.close()
  await scope.close()
})

/** Kafka as the relays see it. For the application it is always down. */
let relayed: RecordingProducer
beforeEach(() => {
  relayed = new RecordingProducer()
})

/** Stores `versions` changes for each of `records` in the table. */
async function stage(records: number, versions: number, topic = 'cities'): Promise<Stage> {
  const away = new RecordingProducer()
  away.before = () => {
    throw new KtError('KT_PRODUCE_TIMEOUT', 'Kafka is away', { retryable: true })
  }
  const outbox = { relay: false, batchSize: 10 }
  const app = await openStage({ databaseUrl, producer: away, topic, outbox })
  await app.outbox.create()
  await app.sequelize.query('TRUNCATE kt_outbox')
  for (let version = 0; version < versions; version++) {
    const rows = Array.from({ length: records }, (_, id) => ({ id, version, tag: null }))
    await app.City.bulkCreate(rows, { updateOnDuplicate: ['version'] })
  }
  return app
}

async function emptied(app: Stage): Promise<void> {
  await scope.waitFor(async () => (await app.outbox.count()) === 0, { what: 'An empty outbox' })
}

function versionsOf(sent: RecordingProducer): Map<string, number[]> {
  return versionsByKey(sent.take().map(({ key, value }) => ({ key: key ?? null, text: value })))
}

describe('relays', () => {
  it("send everything once if several run, and keep the order of each record's changes", async () => {
    await using app = await stage(30, 10)
    const logger = silentLogger
    const relays = [1, 2, 3].map(() => app.outbox.relay({ producer: relayed, pollMs: 10, logger }))
    await Promise.all(relays.map((relay) => relay.run()))
    await emptied(app)
    await Promise.all(relays.map((relay) => relay.close()))
    const versions = versionsOf(relayed)
    expect(versions.size).toBe(30)
    for (const each of versions.values()) expect(each).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(app.counters.get('kt_outbox_stored_total')).toBe(300)
  })

  it('lose nothing when one is killed between the acknowledgement and the deletion', async () => {
    const topic = await scope.createTopic('crash')
    await using app = await stage(20, 2, topic)
    const script = fileURLToPath(new URL('../support/stuck-relay.ts', import.meta.url))
    const flags = ['--conditions=@kt/source', '--import', 'tsx']
    const child = spawn(process.execPath, [...flags, script, databaseUrl, scope.brokers.join(',')], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(await scope.readTopic(topic)).toHaveLength(10)
    expect(await app.outbox.count()).toBe(40)
    await using relay = app.outbox.relay({ producer: kafka, pollMs: 10, logger: silentLogger })
    await relay.run()
    child.kill('SIGKILL')
    await emptied(app)
    const messages = await scope.readTopic(topic)
    expect(messages).toHaveLength(50)
    const versions = versionsByKey(messages)
    expect(versions.size).toBe(20)
    for (const each of versions.values()) expect([...new Set(each)]).toEqual([0, 1])
  })

  it('leave messages in the table that Kafka always rejects, and skip them', async () => {
    const topic = await scope.createTopic('refused')
    await using app = await stage(3, 1, topic)
    await app.City.create({ id: 98, version: 0, tag: 'x'.repeat(2_000_000) })
    await app.City.create({ id: 99, version: 0, tag: null })
    const error = vi.fn<(message: string) => void>()
    const relay = app.outbox.relay({ producer: kafka, pollMs: 10, logger: { ...silentLogger, error } })
    await relay.run()
    await emptied(app)
    await relay.close()
    const versions = versionsByKey(await scope.readTopic(topic))
    expect([...versions.keys()].toSorted()).toEqual(['0', '1', '2', '99'])
    const left = await app.stored()
    expect(left.map((row) => [row.record_key, row.refused])).toEqual([['98', 'KT_PRODUCE_FAILED']])
    expect(error).toHaveBeenCalledOnce()
    expect(JSON.stringify(error.mock.calls)).not.toContain('xxx')
  })

  it('do not delay other topics when one topic fails', async () => {
    await using app = await stage(30, 1, 'in-trouble')
    await app.sequelize.query(`UPDATE kt_outbox SET topic = 'fine' WHERE id % 2 = 0`)
    let isInTrouble = true
    relayed.before = ([first]) => {
      if (isInTrouble && first?.topic === 'in-trouble') throw new Error('no such topic')
    }
    await using relay = app.outbox.relay({ producer: relayed, pollMs: 10, logger: silentLogger })
    await relay.run()
    await scope.waitFor(async () => (await app.outbox.count()) === 15)
    expect(new Set(relayed.take().map(({ topic }) => topic))).toEqual(new Set(['fine']))
    isInTrouble = false
    await emptied(app)
    expect(relayed.sent.length).toBeGreaterThanOrEqual(15)
  })

  it('keep no database connection while they wait for Kafka', async () => {
    await using app = await stage(1, 1)
    let attempts = 0
    const slow = gate()
    relayed.before = async () => {
      attempts += 1
      if (attempts === 1) throw new Error('Kafka is away')
      await slow.opened
    }
    await using relay = app.outbox.relay({ producer: relayed, pollMs: 10, logger: silentLogger })
    await relay.run()
    await scope.waitFor(() => attempts === 2)
    const [rows] = await app.sequelize.query(
      `SELECT * FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    )
    expect(rows).toEqual([])
    slow.open()
    await emptied(app)
  })

  it('go on after a failure of the database', async () => {
    await using app = await stage(1, 1)
    await app.sequelize.query('ALTER TABLE kt_outbox RENAME TO kt_outbox_elsewhere')
    const warn = vi.fn<(message: string) => void>()
    await using relay = app.outbox.relay({
      producer: relayed,
      pollMs: 10,
      logger: { ...silentLogger, warn },
    })
    await relay.run()
    await scope.waitFor(() => warn.mock.calls.length > 0)
    await app.sequelize.query('ALTER TABLE kt_outbox_elsewhere RENAME TO kt_outbox')
    await emptied(app)
    expect(relayed.take()).toHaveLength(1)
  })
})

describe('a relay that ends', () => {
  it('finishes the current batch', async () => {
    await using app = await stage(1, 1)
    const acknowledged = gate()
    const isSending = gate()
    relayed.before = async () => {
      isSending.open()
      await acknowledged.opened
    }
    const ending = new AbortController()
    const { signal } = ending
    const relay = app.outbox.relay({ producer: relayed, logger: silentLogger })
    await relay.run({ signal })
    await isSending.opened
    ending.abort()
    acknowledged.open()
    await relay.close()
    expect([await app.outbox.count(), relayed.take().length]).toEqual([0, 1])
    await expect(relay.run()).rejects.toMatchObject({ code: 'KT_CLOSED' })
    const late = app.outbox.relay({ producer: relayed })
    await expect(late.run({ signal })).rejects.toMatchObject({ code: 'KT_ABORTED' })
  })

  it('by itself because its producer is closed logs that, and keeps the messages', async () => {
    await using app = await stage(1, 1)
    relayed.before = () => {
      throw new KtError('KT_CLOSED', 'The producer is closed', { retryable: false })
    }
    const error = vi.fn<(message: string) => void>()
    await using relay = app.outbox.relay({ producer: relayed, logger: { ...silentLogger, error } })
    await relay.run()
    await scope.waitFor(() => error.mock.calls.length === 1)
    expect(await app.outbox.count()).toBe(1)
  })
})
