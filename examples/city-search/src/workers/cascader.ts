import { Cascader } from '@kt/cascader'
import { recordStreamOf } from '@kt/core'
import type { RecordStream } from '@kt/core'
import { recordsBy } from '@kt/sequelize-stream'
import type { Connections } from '../connections.ts'
import { City } from '../models/city.ts'
import { runAlone } from '../run/run-alone.ts'

/** When a country changes, announces all its cities: the country's name stands in their documents. */
export async function startCascader(connections: Connections): Promise<Cascader> {
  const { config, consumer, producer, logger } = connections
  const { topics, groups } = config
  const stream = (city: object): RecordStream | undefined => {
    const usual = recordStreamOf(city)
    // To a topic of their own: there may be many, and nobody who edits a city should wait behind them.
    return usual && { topic: topics.cascaded, payload: (record) => usual.payload(record) }
  }
  const cascader = new Cascader({
    name: groups.cascader,
    producer,
    stream,
    // The Indexer of this topic is ours, and has versions: a country costs a few hundred messages, not 100,000.
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
