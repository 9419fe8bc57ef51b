import { Reindexer } from '@kt/reindexer'
import { readTickets } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer, newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { brandedIndex } from '../model/product-index.ts'

export interface ReindexTable extends Addresses {
  readonly topic: string
  /** They get an index each, one after the other. */
  readonly aliases: readonly string[]
}

/** Builds indexes of a whole table. Resolves with the milliseconds in which each was filled, without comparing it. */
export async function reindexTable(
  { topic, aliases, ...addresses }: ReindexTable,
  { turn }: Pick<TaskControl, 'turn'>,
): Promise<number[]> {
  const sequelize = openDatabase(addresses.databaseUrl)
  const client = newClient(addresses)
  const producer = newProducer(addresses)
  await sequelize.authenticate()
  const ms: number[] = []
  for (const alias of aliases) {
    await turn()
    await using reindexer = new Reindexer({
      index: brandedIndex(alias),
      client,
      consumer: newConsumer(addresses),
      producer,
      topic,
      versions: readTickets(sequelize),
    })
    let startedAt = 0
    let endedAt = 0
    await reindexer.ensure({
      onProgress: ({ step }) => {
        if (step === 'filling') startedAt ||= performance.now()
        if (step === 'catching-up') endedAt ||= performance.now()
      },
    })
    ms.push(endedAt - startedAt)
  }
  return ms
}
