import { Delayer } from '@kt/delayer'
import { openTransactions } from '@kt/sequelize-stream'
import { openDatabase } from '../model/database.ts'
import { openConnections } from './connections.ts'
import { FaultyProducer } from './faulty-producer.ts'
import type { StartRole } from './role.ts'

export const startDelayer: StartRole = async (settings, faults) => {
  const { topics, groups, delayMs } = settings
  const { consumer, producer, logger } = openConnections(settings)
  const delayer = new Delayer({
    consumer,
    producer: new FaultyProducer(producer, faults, () => 'resend'),
    topic: topics.delay,
    name: groups.delayer,
    delayMs,
    transactions: openTransactions(openDatabase(settings.databaseUrl)),
    logger,
  })
  await delayer.run()
  return { stop: () => consumer.close() }
}
