import { setInterval } from 'node:timers'
import { Verifier } from '@kt/verifier'
import { Op } from 'sequelize'
import type { Addresses } from '../harness/addresses.ts'
import { newClient } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { Product } from '../model/product.ts'
import { brandedIndex } from '../model/product-index.ts'

export interface VerifyIndex extends Addresses {
  readonly index: string
  readonly passes: number
}

interface Verified {
  /** The milliseconds of each pass. */
  readonly ms: readonly number[]
  /** The highest resident memory, in MB. */
  readonly peak: number
}

const sampleMs = 100
const pageSize = 1_000

/** Compares an index with its table, again and again. */
export async function verifyIndex(
  { index, passes, ...addresses }: VerifyIndex,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<Verified> {
  const sequelize = openDatabase(addresses.databaseUrl)
  await sequelize.authenticate()
  const verifier = new Verifier({ index: brandedIndex(index), client: newClient(addresses), pageSize })
  let peak = 0
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), sampleMs)
  const ms: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    await turn()
    const { durationMs, differences } = await verifier.verify()
    if (differences.length > 0) throw new Error('The index differs from the table')
    ms.push(durationMs)
  }
  clearInterval(sampling)
  return { ms, peak: Math.round(peak / 1e6) }
}

/** The bare scan in both directions: all documents with their rows, then the ids of all rows. Compares nothing. */
export async function scanBothWays(
  { index, passes, ...addresses }: VerifyIndex,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<number[]> {
  const sequelize = openDatabase(addresses.databaseUrl)
  const client = newClient(addresses)
  await sequelize.authenticate()
  const ms: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    await turn()
    const startedAt = performance.now()
    for (let after = -1; ;) {
      const { hits } = await client.search({
        index,
        size: pageSize,
        sort: [{ _seq_no: 'asc' }],
        search_after: [after],
        track_total_hits: false,
      })
      const last = hits.hits.at(-1)?.sort?.[0]
      if (typeof last !== 'number') break
      const id = hits.hits.map(({ _id }) => Number(_id))
      await Product.findAll({ where: { id }, include: ['brand'], raw: true })
      after = last
    }
    for (let after = 0; ;) {
      const rows = await Product.findAll({
        attributes: ['id'],
        where: { id: { [Op.gt]: after } },
        order: ['id'],
        limit: pageSize,
        raw: true,
      })
      const last = rows.at(-1)
      if (last === undefined) break
      after = last.id
      await client.mget({ index, ids: rows.map(({ id }) => String(id)), _source: false })
    }
    ms.push(performance.now() - startedAt)
  }
  return ms
}
