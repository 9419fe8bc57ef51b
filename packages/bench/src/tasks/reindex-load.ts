import { Reindexer } from '@kt/reindexer'
import { readTickets } from '@kt/sequelize-stream'
import type { Addresses } from '../harness/addresses.ts'
import { newClient, newConsumer, newProducer } from '../harness/connections.ts'
import type { TaskControl } from '../harness/task-control.ts'
import { openDatabase } from '../model/database.ts'
import { brandedIndex } from '../model/product-index.ts'

export interface ReindexLoad extends Addresses {
  readonly topic: string
  readonly alias: string
  readonly recordsPerSecond: number
}

/** Builds an index at a limited rate, until it is stopped. */
export async function reindexLoad(input: ReindexLoad, { ready, signal }: TaskControl): Promise<void> {
  const { topic, alias, recordsPerSecond } = input
  const sequelize = openDatabase(input.databaseUrl, 4)
  await using reindexer = new Reindexer({
    index: brandedIndex(alias),
    client: newClient(input),
    consumer: newConsumer(input),
    producer: newProducer(input),
    topic,
    versions: readTickets(sequelize),
    recordsPerSecond,
  })
  let isDone = false
  const ensuring = reindexer
    .ensure({ signal, onProgress: ({ step }) => step === 'filling' && ready() })
    .then(() => (isDone = true))
  await ensuring.catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  // The measurement counts only if there was work until its end.
  if (isDone) throw new Error('The index was ready before the end')
}
