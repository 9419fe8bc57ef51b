import { createDelayTopic } from '@kt/delayer'
import type { Kafka } from 'kafkajs'
import type { Connections } from './connections.ts'
import { createCityIndex } from './index/create-city-index.ts'
import { runAlone } from './run/run-alone.ts'

/**
 * Creates the topics, the tables and the index that do not exist yet, like a migration of an application. Run it before
 * any worker.
 */
export async function setup({ kafka, sequelize, elasticsearch, config }: Connections): Promise<void> {
  const { topics, index } = config
  await Promise.all([
    createTopic(kafka, topics.cities, 4),
    createTopic(kafka, topics.cascaded, 4),
    createTopic(kafka, topics.countries, 1),
    createDelayTopic({ kafka, topic: topics.delay, partitions: 4 }),
    sequelize.sync(),
    createCityIndex(elasticsearch, index),
  ])
}

/** @param partitions the maximum number of workers that share the topic */
async function createTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    // Does not wait for leaders, because kafkajs fails if it asks a busy broker that does not know the topic yet.
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: false })
  } finally {
    await admin.disconnect()
  }
}

await runAlone(import.meta.url, setup)
