import { quietKafka } from 'testkit'
import { RoleProcess } from '../../harness/role-process.ts'
import type { World } from '../../harness/world.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'

const records = 1_500

/** Together the documents take longer than a session, after which a silent member is expelled. */
const documentMs = 4

/** Time allowed for the documents, of which a busy machine builds each twice. */
const workMs = 120_000

/** A batch may be read twice, as after a retry. An expelled member would build all documents over and over. */
const mostBuilds = 2 * records

/** A synchronous `document()` blocks the process for longer than a session. */
export const slowDocumentCell: Cell = {
  name: 'indexer/slow document',
  group: 'indexer/slow document',
  victim: 'indexer',
  where: `busy for ${documentMs} ms with each of ${records.toLocaleString('en')} documents`,
  writes: 'their ids',
  fixture: 'seed fan-out',
  run,
}

async function run(world: World, base: number): Promise<Passed> {
  const env = { ...process.env, KT_DOCUMENT_MS: String(documentMs) }
  await world.recast('indexer', new RoleProcess([], env))
  const before = await indexed(world)
  const producer = quietKafka({ brokers: [...world.settings.brokers] }).producer()
  await producer.connect()
  const ids = Array.from({ length: records }, (_, index) => String(base + 50 + index))
  await producer.send({
    topic: world.settings.topics.cities,
    messages: ids.map((id) => ({ key: id, value: JSON.stringify({ id: Number(id) }) })),
  })
  await producer.disconnect()
  const convergence = await heal(world, workMs)
  const builds = (await indexed(world)) - before
  await world.role('indexer').kill()
  if (builds < records || builds > mostBuilds) throw new Failure(`${builds} documents for ${records} records`)
  return { ...convergence, outcome: `${builds} documents for ${records} records` }
}

/** Counts the documents that were written to the index of the cities. */
async function indexed({ elasticsearch, settings }: World): Promise<number> {
  const { _all } = await elasticsearch.indices.stats({ index: settings.indexes.cities, metric: 'indexing' })
  return _all.primaries?.indexing?.index_total ?? 0
}
