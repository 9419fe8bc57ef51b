import type { MessageProducer } from '@kt/core'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import type { UpdateStreamerOptions } from '@kt/sequelize-stream'
import type { WorldSettings } from '../harness/settings.ts'
import { City } from '../model/city.ts'
import { Country } from '../model/country.ts'
import { stderrLogger } from './stderr-logger.ts'

/** Streams both models. A Cascader needs this too, because it defines the form of their messages. */
export function streamModels(
  { topics, delayMs }: WorldSettings,
  producer: MessageProducer,
  whenUnavailable: NonNullable<UpdateStreamerOptions['whenUnavailable']> = 'reject',
): UpdateStreamer {
  const updateStreamer = new UpdateStreamer({
    producer,
    delayTopic: topics.delay,
    delayMs,
    whenUnavailable,
    logger: stderrLogger,
  })
  updateStream(City, { updateStreamer, topic: topics.cities })
  updateStream(Country, { updateStreamer, topic: topics.countries })
  return updateStreamer
}
