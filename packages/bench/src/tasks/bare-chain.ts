import { newClient, newKafka } from '../harness/connections.ts'
import { openDatabase } from '../model/database.ts'
import { productIndex } from '../model/product-index.ts'
import type { IndexTopic } from './index-topic.ts'

export interface BareChain extends IndexTopic {
  readonly count: number
}

const warmUpCount = 100
const { signal } = new AbortController()

/**
 * Runs the minimal steps of an edit in sequence, with nothing else to do: a message through Kafka, the read of the
 * record, and a bulk request with one document. Resolves with the milliseconds of each.
 */
export async function bareChain(input: BareChain): Promise<number[]> {
  const { topic, index, count } = input
  const sequelize = openDatabase(input.databaseUrl)
  const definition = productIndex(index)
  await sequelize.authenticate()
  const client = newClient(input)
  const kafka = newKafka(input)
  const producer = kafka.producer()
  const consumer = kafka.consumer({ groupId: `${index}-bare` })
  await Promise.all([producer.connect(), consumer.connect()])
  await consumer.subscribe({ topic, fromBeginning: true })
  let arrived: () => void = () => undefined
  const joined = new Promise<void>((resolve) => consumer.on('consumer.group_join', () => resolve()))
  await consumer.run({
    autoCommit: false,
    eachBatch: () => Promise.resolve(arrived()),
  })
  await joined
  const times: number[] = []
  for (let number = 1; number <= warmUpCount + count; number++) {
    const id = String(number)
    const startedAt = performance.now()
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    await producer.send({ topic, acks: -1, messages: [{ key: id, value: JSON.stringify({ id: number }) }] })
    await arrival
    const [product] = await definition.load([id], { signal })
    if (product === undefined) throw new Error(`There is no product ${id}`)
    const document = await definition.document(product)
    await client.bulk({
      index,
      operations: [JSON.stringify({ index: { _id: id } }), JSON.stringify(document)],
      filter_path: 'errors',
    })
    if (number > warmUpCount) times.push(performance.now() - startedAt)
  }
  return times
}
