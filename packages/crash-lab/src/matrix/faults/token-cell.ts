import { IndexMonitor } from '@kt/consumer'
import { Producer } from '@kt/producer'
import { quietKafka } from 'testkit'
import { faultPoints } from '../../harness/fault-points.ts'
import type { World } from '../../harness/world.ts'
import { City } from '../../model/city.ts'
import { openDatabase } from '../../model/database.ts'
import { streamModels } from '../../roles/streams.ts'
import { cityIds } from '../../writes/block.ts'
import { Failure } from '../cell.ts'
import type { Cell, Passed } from '../cell.ts'
import { heal } from '../heal.ts'
import { timely } from '../timely.ts'

/** Whoever waits with a token sees `not-yet` while the Indexer is dead, and later `indexed`, but never too early. */
export const tokenCell: Cell = {
  name: 'indexer/token',
  group: 'indexer/token',
  victim: 'indexer',
  where: 'at each of its points, while a process waits for the change with a token',
  writes: 'City.update',
  fixture: 'seed',
  run,
}

async function run(world: World, base: number): Promise<Passed> {
  const { settings } = world
  const kafka = quietKafka({ brokers: [...settings.brokers] })
  const sequelize = openDatabase(settings.databaseUrl)
  const producer = new Producer({ kafka })
  const updateStreamer = streamModels(settings, producer)
  const { cities: topic } = settings.topics
  const monitor = new IndexMonitor({ kafka, topic, name: settings.groups.cityIndexer })
  const [id] = cityIds(base)
  try {
    for (const point of faultPoints.indexer) {
      const indexer = world.role('indexer')
      const { reached } = await indexer.arm(point)
      const name = `named before ${point}`
      const token = await updateStreamer.track(async () => {
        await City.update({ name }, { where: { id } })
        return updateStreamer.token()
      })
      await timely(reached, 20_000, `The indexer did not come to ${point}`)
      await indexer.kill()
      await expect(monitor, token, 'not-yet', 500)
      await world.restart()
      await expect(monitor, token, 'indexed', 60_000)
      const { docs } = await world.elasticsearch.mget<{ name: string }>({
        index: settings.indexes.cities,
        ids: [String(id)],
      })
      const found = docs[0] !== undefined && '_source' in docs[0] ? docs[0]._source?.name : undefined
      if (found !== name) throw new Failure(`indexed, but the document has "${found}" for "${name}"`)
    }
    return { ...(await heal(world)), outcome: `${faultPoints.indexer.length} tokens` }
  } finally {
    await monitor.close()
    await updateStreamer.close()
    await producer.close()
    await sequelize.close()
  }
}

async function expect(
  monitor: IndexMonitor,
  token: string,
  outcome: string,
  timeoutMs: number,
): Promise<void> {
  const found = await monitor.waitForIndexed(token, { timeoutMs })
  if (found !== outcome) throw new Failure(`the token tells ${found} instead of ${outcome}`)
}
