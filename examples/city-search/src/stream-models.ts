import type { Logger, MessageProducer } from '@kt/core'
import { UpdateStreamer, updateStream } from '@kt/sequelize-stream'
import type { Config } from './config.ts'
import { City } from './models/city.ts'
import { Country } from './models/country.ts'

export interface ModelStreams {
  /** Sends pending messages, and restores the models. */
  close(): Promise<void>
}

/** From here on, every write to a city or a country sends messages to Kafka, with every method of Sequelize. */
export function streamModels(producer: MessageProducer, config: Config, logger: Logger): ModelStreams {
  const { topics, delayMs } = config
  const updateStreamer = new UpdateStreamer({ producer, delayTopic: topics.delay, delayMs, logger })
  const uninstallCity = updateStream(City, { updateStreamer, topic: topics.cities })
  const uninstallCountry = updateStream(Country, { updateStreamer, topic: topics.countries })
  return {
    close: async () => {
      await updateStreamer.close()
      uninstallCity()
      uninstallCountry()
    },
  }
}
