import type { Logger, MessageProducer } from '@kt/core'
import { UpdateStreamer, updateStream } from '@kt/sequelize-stream'
import type { Config } from './config.ts'
import { City } from './models/city.ts'
import { Country } from './models/country.ts'

/** From here on every write to a city or a country is announced in Kafka, whichever method of Sequelize makes it. */
export function streamModels(producer: MessageProducer, { topics }: Config, logger: Logger): void {
  const updateStreamer = new UpdateStreamer({ producer, delayTopic: topics.delay, logger })
  updateStream(City, { updateStreamer, topic: topics.cities })
  updateStream(Country, { updateStreamer, topic: topics.countries })
}
