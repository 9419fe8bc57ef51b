import { Cascader } from '@kt/cascader'
import type { Consumption } from '@kt/core'
import type { Connections } from '../connections.ts'
import { citiesOf } from '../models/cities-of.ts'
import { runAlone } from '../run/run-alone.ts'

/** When a country changes, announces all its cities: the country's name stands in their documents. */
export function startCascader(connections: Connections): Promise<Consumption> {
  const { config, consumer, producer, logger } = connections
  const cascader = new Cascader({ name: config.groups.cascader, producer, logger })
  return consumer.consume(
    { topic: config.topics.countries, name: config.groups.cascader },
    async (messages) => {
      await cascader.import(citiesOf(cascader.ids(messages)))
    },
  )
}

await runAlone(import.meta.url, startCascader)
