import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KtError } from '@kt/core'
import { Sequelize } from 'sequelize'
import { waitFor } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, versionsByKey } from '../support/outbox-stage.ts'
import { RecordingProducer } from '../support/recording-producer.ts'

const folder = mkdtempSync(join(tmpdir(), 'kt-outbox-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const serverUrl = process.env['KT_MARIADB_URL'] ?? ''
const database = `kt_${randomBytes(6).toString('hex')}`

function storesAndRelays(databaseUrl: () => string): void {
  it('stores messages while Kafka is down, and relays them afterwards', async () => {
    const recorder = new RecordingProducer()
    recorder.before = () => {
      throw new KtError('KT_PRODUCE_TIMEOUT', 'Kafka is away', { retryable: true })
    }
    const outbox = { probeMs: 10, batchSize: 3 }
    await using app = await openStage({ databaseUrl: databaseUrl(), producer: recorder, outbox })
    await app.City.create({ id: 1, version: 0, tag: `it's "quoted" \\ 'so'` })
    for (let version = 1; version < 5; version++) await app.City.update({ version }, { where: { id: 1 } })
    const failing = app.sequelize.transaction(async (transaction) => {
      await app.City.create({ id: 2, version: 0, tag: null }, { transaction })
      throw new Error('of the work')
    })
    await expect(failing).rejects.toThrow('of the work')
    expect(await app.outbox.count()).toBe(5)
    recorder.before = () => undefined
    await waitFor(async () => (await app.outbox.count()) === 0)
    const instants = recorder.take().filter((each) => each.topic === 'cities')
    const versions = versionsByKey(instants.map(({ key, value }) => ({ key: key ?? null, text: value })))
    expect([...versions.keys()]).toEqual(['1'])
    expect([...new Set(versions.get('1'))]).toEqual([0, 1, 2, 3, 4])
    expect(JSON.parse(instants[0]?.value ?? '')).toMatchObject({ tag: `it's "quoted" \\ 'so'` })
  })
}

describe('SQLite', () => {
  storesAndRelays(() => `sqlite:${join(folder, 'outbox.db')}`)
})

describe.skipIf(serverUrl === '')('MariaDB', () => {
  beforeAll(() => onServer(`CREATE DATABASE ${database}`))
  afterAll(() => onServer(`DROP DATABASE ${database}`))
  storesAndRelays(() => Object.assign(new URL(serverUrl), { pathname: database }).href)
})

async function onServer(sql: string): Promise<void> {
  const server = new Sequelize(serverUrl, { logging: false })
  await server.query(sql)
  await server.close()
}
