import { Cascader } from '@kt/cascader'
import { recordStreamOf } from '@kt/core'
import type { RecordStream } from '@kt/core'
import { recordsBy } from '@kt/sequelize-stream'
import type { Connections } from '../connections.ts'
import { City } from '../models/city.ts'
import { runAlone } from '../run/run-alone.ts'

/** Sends all cities of a changed country, because their documents contain the country's name. */
export async function startCascader(connections: Connections): Promise<Cascader> {
  const { config, consumer, producer, logger } = connections
  const { topics, groups } = config
  const stream = (city: object): RecordStream | undefined => {
    const usual = recordStreamOf(city)
    // They have a topic of their own, because there may be many and an edited city should not wait behind them.
    return usual && { topic: topics.cascaded, payload: (record) => usual.payload(record) }
  }
  const cascader = new Cascader({
    name: groups.cascader,
    producer,
    stream,
    // This topic's Indexer is our own and uses versions. A country takes a few hundred messages, not 100,000.
    recordsPerMessage: 500,
    logger,
  })
  await cascader.run({
    consumer,
    topic: topics.countries,
    find: (ids) => recordsBy(City, 'countryCode', ids),
  })
  return cascader
}

await runAlone(import.meta.url, startCascader)
