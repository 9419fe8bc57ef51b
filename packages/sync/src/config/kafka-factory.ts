import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger } from '@kt/core'
// Imports the default export: as an ES module, Node finds only some of kafkajs's named exports.
import kafkajs from 'kafkajs'
import type { Kafka, KafkaConfig, logCreator } from 'kafkajs'
import type { KafkaInMemory, SyncConfig } from './config.ts'

const check = optionChecker('createSync')

/**
 * Returns a function that creates Kafka instances. Unless told otherwise, kafkajs logs at level debug: it reports each
 * failed attempt, and what becomes of it is reported by the packages themselves.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function kafkaFactory(kafka: SyncConfig['kafka'], logger: Logger): () => Kafka {
  if (typeof kafka === 'function') return kafka
  if (isInMemory(kafka)) return refuse
  if (typeof kafka !== 'object' || kafka === null || !('brokers' in kafka))
    check.fail('kafka', 'the options of kafkajs, with brokers, or a function that creates an instance', kafka)
  if (!Array.isArray(kafka.brokers) && typeof kafka.brokers !== 'function')
    check.fail('kafka.brokers', 'a list of addresses, such as ["localhost:9092"]', kafka.brokers)
  const logging: Pick<KafkaConfig, 'logCreator' | 'logLevel'> =
    kafka.logCreator === undefined && kafka.logLevel === undefined
      ? { logCreator: debugging(logger), logLevel: kafkajs.logLevel.WARN }
      : {}
  return () => new kafkajs.Kafka({ clientId: 'kt', ...logging, ...kafka })
}

export function isInMemory(kafka: SyncConfig['kafka']): kafka is KafkaInMemory {
  return typeof kafka === 'object' && kafka !== null && 'whenCaughtUp' in kafka
}

function refuse(): never {
  throw new KtError('KT_OPTION_INVALID', 'This asks Kafka itself, which there is none of in memory', {
    retryable: false,
  })
}

function debugging(logger: Logger): logCreator {
  return () =>
    ({ namespace, log: { message } }) =>
      logger.debug('kafkajs has logged', { namespace, message })
}
