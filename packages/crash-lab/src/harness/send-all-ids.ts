import { quietKafka } from 'testkit'
import { readDocuments } from './contents.ts'
import type { World } from './world.ts'

/** Sends the ids of all rows and of all documents, because some documents may no longer have a row. */
export async function sendAllIds(world: World): Promise<void> {
  const { brokers, topics, indexes } = world.settings
  const rows = await world.rows()
  const documents = await readDocuments(world.elasticsearch, indexes)
  const producer = quietKafka({ brokers: [...brokers] }).producer()
  await producer.connect()
  try {
    for (const of of ['cities', 'countries'] as const) {
      const ids = new Set([...rows[of].keys(), ...documents[of].keys()])
      const messages = [...ids].map((id) => ({ key: id, value: JSON.stringify({ id: Number(id) }) }))
      await producer.send({ topic: topics[of], messages })
    }
  } finally {
    await producer.disconnect()
  }
}
