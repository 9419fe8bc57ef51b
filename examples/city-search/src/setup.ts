import { createDelayTopic } from '@kt/delayer'
import type { Kafka } from 'kafkajs'
import type { Connections } from './connections.ts'
import { createCityIndex } from './index/create-city-index.ts'
import { runAlone } from './run/run-alone.ts'

/**
 * Creates the topics, the tables and the index, as far as they are not there yet: what a migration is to an
 * application of your own. It runs before any worker.
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

/** @param partitions as many workers can share the topic */
async function createTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    // Not waiting for leaders: kafkajs fails when it asks a busy broker that has not heard of the topic yet.
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: false })
  } finally {
    await admin.disconnect()
  }
}

await runAlone(import.meta.url, setup)
