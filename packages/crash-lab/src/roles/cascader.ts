import { Cascader } from '@kt/cascader'
import { recordsBy } from '@kt/sequelize-stream'
import { City } from '../model/city.ts'
import { countriesOf } from '../model/dependents.ts'
import { openDatabase } from '../model/database.ts'
import { cascadeBatchSize, recordsPerMessage } from './cascade-batch-size.ts'
import { openConnections } from './connections.ts'
import { FaultyProducer } from './faulty-producer.ts'
import type { StartRole } from './role.ts'
import { streamModels } from './streams.ts'

/** Defines both cascades: a country's name is in its cities' documents, and their number is in the country's. */
export const startCascader: StartRole = async (settings, faults) => {
  const { topics, groups } = settings
  const { consumer, producer: plain, logger } = openConnections(settings)
  openDatabase(settings.databaseUrl)
  streamModels(settings, plain)
  const producer = new FaultyProducer(plain, faults, () => 'cascade')
  const newCascader = (name: string) =>
    new Cascader({ name, producer, batchSize: cascadeBatchSize, recordsPerMessage, logger })
  const toCities = newCascader(groups.citiesOfCountries)
  const toCountries = newCascader(groups.countriesOfCities)
  await Promise.all([
    consumer.consume(
      { topic: topics.countries, name: groups.citiesOfCountries },
      async (messages, { signal }) => {
        const ids = toCities.ids(messages)
        if (ids.length > 0) await toCities.import(recordsBy(City, 'countryId', ids), { signal })
      },
    ),
    consumer.consume(
      { topic: topics.cities, name: groups.countriesOfCities },
      async (messages, { signal }) => {
        await toCountries.import(await countriesOf(toCountries, messages), { signal })
      },
    ),
  ])
  return { stop: () => consumer.close() }
}
