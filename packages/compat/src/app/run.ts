import type { Sequelize } from 'sequelize'
import type { UpdateStreamer } from '@kt/sequelize-stream'
import type { Models } from './models.ts'
import type { Recorder } from './recorder.ts'
import { writeConcurrently, writers } from './writes/concurrent-writes.ts'
import { transactionWrites } from './writes/in-transactions.ts'
import { allWrites, clsWrites } from './writes/rounds.ts'

/** A database with its models and the recorder of its results. */
export interface Side {
  readonly sequelize: Sequelize
  readonly models: Models
  readonly recorder: Recorder
  /** Only set if the models are streamed. */
  readonly updateStreamer?: UpdateStreamer
}

/** Makes all writes that need no CLS. */
export async function makeWrites(side: Side): Promise<void> {
  await writeAlone(side, 1_000)
  await writeInTransactions(side, 2_000)
  await writeAtTheSameTime(side, 3_000)
  await writePastTheModels(side)
}

async function writeAlone({ models, recorder }: Side, base: number): Promise<void> {
  for (const { name, write, mustFail = false } of allWrites)
    await recorder.record(name, () => write(models, {}, base), { mustFail })
}

async function writeInTransactions({ sequelize, models, recorder }: Side, base: number): Promise<void> {
  for (const { name, write, mustFail = false } of allWrites)
    await recorder.record(
      `${name}, in a transaction`,
      () => sequelize.transaction((transaction) => write(models, { transaction }, base)),
      { mustFail },
    )
  for (const { name, write, mustFail = false } of transactionWrites)
    await recorder.record(name, () => write(sequelize, models.City, base), { mustFail })
}

async function writeAtTheSameTime({ models, recorder }: Side, base: number): Promise<void> {
  const ids = Array.from({ length: writers }, (_, index) => base + index)
  await Promise.all(ids.map((id) => recorder.record(`writer ${id}`, () => writeConcurrently(models, id))))
}

/** Writes with raw SQL, which must be announced if the model is streamed. */
async function writePastTheModels(side: Side): Promise<void> {
  const { sequelize, models, recorder, updateStreamer } = side
  const where = { countryCode: 'FR2000' }
  const sql = `UPDATE cities SET population = population + 1000 WHERE country_code = 'FR2000'`
  await recorder.record('raw SQL', async () => {
    if (updateStreamer === undefined) await sequelize.query(sql)
    else
      await updateStreamer.bulk({ model: models.City, where }, (transaction) =>
        sequelize.query(sql, { transaction }),
      )
  })
}

/** Makes writes in transactions passed by CLS, and one outside of a transaction. */
export async function makeWritesWithCls({ sequelize, models, recorder }: Side): Promise<void> {
  const base = 4_000
  for (const { name, write } of clsWrites)
    await recorder.record(`${name}, by CLS`, () => sequelize.transaction(() => write(models, {}, base)))
  await recorder.record(
    'rollback, by CLS',
    () =>
      sequelize.transaction(async () => {
        await models.City.create({ name: 'Rolled back by CLS' })
        throw new Error('Changed my mind')
      }),
    { mustFail: true },
  )
  await recorder.record('alone, without CLS', () => models.City.create({ name: 'Beside CLS' }))
}
