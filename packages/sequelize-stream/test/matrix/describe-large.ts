import { silentLogger } from '@kt/core'
import { queryObjects } from 'node:v8'
import type { Model, Sequelize } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { modelSource, updateStream, UpdateStreamer } from '../../src/index.ts'
import type { Dialect } from './dialect.ts'
import { defineLargeModels } from './large-models.ts'
import type { LargeModels } from './large-models.ts'
import { CountingProducer } from './counting-producer.ts'

/** Maximum size of a batch, and of a page that is read. */
const chunk = 10_000
/** Maximum number of whole records for a custom payload: the current page, and the rest of the previous one. */
const liveRecords = 2_000

/** Bulk writes of many rows neither keep all rows as objects nor send all messages at once. */
export function describeLarge(dialect: Dialect, count: number): void {
  const producer = new CountingProducer()
  const statements: string[] = []
  let sequelize: Sequelize
  let streamer: UpdateStreamer
  let models: LargeModels
  beforeAll(async () => {
    sequelize = dialect.connect((sql) => void statements.push(sql))
    streamer = new UpdateStreamer({ producer, logger: silentLogger, maxPendingInstants: 2 * count })
    models = defineLargeModels(sequelize)
    await sequelize.sync({ force: true })
    await sequelize.query(`INSERT INTO numbered (id, value) SELECT n, 0 FROM (${dialect.series(count)}) s`)
    await sequelize.query(
      `INSERT INTO paired (site, day, value) SELECT 'A', n, 0 FROM (${dialect.series(count)}) s`,
    )
  })
  afterAll(async () => {
    await streamer.close()
    await sequelize.close()
  })
  beforeEach(() => {
    producer.reset()
    statements.length = 0
  })

  async function expectBounded(): Promise<void> {
    await streamer.flush()
    expect(producer.counts).toEqual({ delays: count, instants: count, keys: count })
    expect(producer.largestBatch).toBeLessThanOrEqual(chunk)
    expect(statements.map(selected).filter((limit) => limit > chunk + 1)).toEqual([])
  }

  describe(`${count} rows`, { timeout: 60_000 + count }, () => {
    it('are updated without building records', async () => {
      const { Numbered } = models
      onTestFinished(updateStream(Numbered, { updateStreamer: streamer }))
      Numbered.built = 0
      await expect(Numbered.update({ value: 1 }, { where: { value: 0 } })).resolves.toEqual([count])
      await expectBounded()
      // The one that validates the values.
      expect(Numbered.built).toBeLessThanOrEqual(1)
    })

    it('are updated with a custom payload, a few records at a time', async () => {
      const { Numbered } = models
      let [calls, records] = [0, 0]
      const payload = ({ id }: InstanceType<typeof Numbered>): { id: number } => {
        // Takes a second, so it runs only once, near the end.
        if (++calls === count - 1) records = queryObjects(Numbered, { format: 'count' })
        return { id }
      }
      onTestFinished(updateStream(Numbered, { updateStreamer: streamer, payload }))
      await expect(Numbered.update({ value: 2 }, { where: { value: 1 } })).resolves.toEqual([count])
      await expectBounded()
      expect(records).toBeGreaterThan(0)
      expect(records).toBeLessThanOrEqual(liveRecords)
    })

    it('are incremented, and deleted', async () => {
      const { Numbered } = models
      onTestFinished(updateStream(Numbered, { updateStreamer: streamer }))
      await Numbered.increment({ value: 1 }, { where: {} })
      await expectBounded()
      producer.reset()
      await expect(Numbered.destroy({ where: { value: 3 } })).resolves.toBe(count)
      await expectBounded()
    })

    it('are updated and deleted by a composite key', async () => {
      const { Paired } = models
      onTestFinished(updateStream(Paired, { updateStreamer: streamer }))
      await expect(Paired.update({ value: 1 }, { where: { value: 0 } })).resolves.toEqual([count])
      await expectBounded()
      producer.reset()
      await expect(Paired.destroy({ where: { site: 'A' } })).resolves.toBe(count)
      await expectBounded()
    })

    it('are selected by a few thousand composite keys at once', async () => {
      const { Paired } = models
      const payload = (record: Model): { id: string } => ({
        id: [record.get('site'), record.get('day')].join(','),
      })
      onTestFinished(updateStream(Paired, { updateStreamer: streamer, payload }))
      // Sequelize takes a dollar sign for a parameter.
      const rows = Array.from({ length: 3_000 }, (_, day) => ({ site: '$1', day, value: 0 }))
      await Paired.bulkCreate(rows)
      await Paired.bulkCreate(rows, { updateOnDuplicate: ['value'] })
      await Paired.update({ value: 3 }, { where: { site: '$1' } })
      await streamer.flush()
      expect(producer.counts).toEqual({ delays: 9_000, instants: 9_000, keys: 3_000 })
      const ids = rows.map(({ site, day }) => `${site},${day}`)
      expect((await modelSource(Paired).load(ids)).map((record) => record.get('value'))).toEqual(
        ids.map(() => 3),
      )
    })
  })
}

/** Returns how many rows a statement may read. */
function selected(sql: string): number {
  const [, ...selects] = sql.split(/^Executing \([^)]*\): SELECT /)
  // Only counts reads of rows. Settings and the catalogue are read as well.
  if (selects.length === 0 || !/ FROM ["`]/.test(sql)) return 0
  const [, limit] = / LIMIT (\d+)/.exec(sql) ?? []
  const [, keys] = / IN \(([^)]*)\)/.exec(sql) ?? []
  return limit === undefined ? (keys?.split(',').length ?? Number.POSITIVE_INFINITY) : Number(limit)
}
