import { Cascader } from '@kt/cascader'
import { cascades } from '@kt/model-index'
import { countriesOf } from '../model/dependents.ts'
import { openDatabase } from '../model/database.ts'
import { cityIndex } from '../model/indexes.ts'
import { cascadeBatchSize, recordsPerMessage } from './cascade-batch-size.ts'
import { openConnections } from './connections.ts'
import { FaultyProducer } from './faulty-producer.ts'
import type { StartRole } from './role.ts'
import { streamModels } from './streams.ts'

/**
 * Runs both cascades. A country's name is in its cities' documents: that one is derived, and has a lane. The number of
 * its cities is in the country's: that one is written by hand.
 */
export const startCascader: StartRole = async (settings, faults) => {
  const { topics, groups, indexes } = settings
  const { consumer, producer: plain, logger } = openConnections(settings)
  openDatabase(settings.databaseUrl)
  streamModels(settings, plain)
  const producer = new FaultyProducer(plain, faults, () => 'cascade')
  const name = groups.countriesOfCities
  const toCountries = new Cascader({ name, producer, batchSize: cascadeBatchSize, recordsPerMessage, logger })
  const toCities = cascades(cityIndex(indexes.cities), {
    consumer,
    producer,
    recordsPerMessage,
    lane: { topic: topics.lane, name: groups.lane, pageSize: cascadeBatchSize },
    logger,
  })
  await Promise.all([
    toCities.run(),
    consumer.consume({ topic: topics.cities, name }, async (messages, { signal }) => {
      await toCountries.import(await countriesOf(toCountries, messages), { signal })
    }),
  ])
  return { stop: () => consumer.close() }
}
