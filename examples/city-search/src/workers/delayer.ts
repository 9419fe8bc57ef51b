import { Delayer } from '@kt/delayer'
import { openTransactions } from '@kt/sequelize-stream'
import type { Connections } from '../connections.ts'
import { runAlone } from '../run/run-alone.ts'

/** Delays messages until they are due, then sends them to the topics of their models. */
export async function startDelayer(connections: Connections): Promise<Delayer> {
  const { config, consumer, producer, sequelize, logger } = connections
  const delayer = new Delayer({
    consumer,
    producer,
    topic: config.topics.delay,
    name: config.groups.delayer,
    delayMs: config.delayMs,
    transactions: openTransactions(sequelize),
    logger,
  })
  await delayer.run()
  return delayer
}

await runAlone(import.meta.url, startDelayer)
