import { Cascader } from '@kt/cascader'
import type { Consumption } from '@kt/core'
import type { Connections } from '../connections.ts'
import { citiesOf } from '../models/cities-of.ts'
import { runAlone } from '../run/run-alone.ts'

/** When a country changes, announces all its cities: the country's name stands in their documents. */
export function startCascader({ config, consumer, producer, logger }: Connections): Promise<Consumption> {
  const { topics, groups } = config
  const cascader = new Cascader({ name: groups.cascader, producer, logger })
  return consumer.consume(
    { topic: topics.countries, name: groups.cascader },
    async (messages, { signal }) => {
      await cascader.import(citiesOf(cascader.ids(messages)), { signal })
    },
  )
}

await runAlone(import.meta.url, startCascader)
