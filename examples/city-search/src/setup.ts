import type { ITopicConfig, Kafka } from 'kafkajs'
import type { Config } from './config.ts'
import type { Connections } from './connections.ts'
import { createCityIndex } from './index/create-city-index.ts'
import { runAlone } from './run/run-alone.ts'

/**
 * Creates the topics, the tables and the index, as far as they are not there yet: what a migration is to an
 * application of your own. It runs before any worker.
 */
export async function setup({ kafka, sequelize, elasticsearch, config }: Connections): Promise<void> {
  await Promise.all([
    createTopics(kafka, config),
    sequelize.sync(),
    createCityIndex(elasticsearch, config.index),
  ])
}

async function createTopics(kafka: Kafka, { topics }: Config): Promise<void> {
  const wanted: ITopicConfig[] = [
    // As many Indexers can work on a topic at the same time as it has partitions.
    { topic: topics.cities, numPartitions: 4 },
    { topic: topics.countries, numPartitions: 1 },
    {
      topic: topics.delay,
      numPartitions: 4,
      // The broker's clock decides when a delay message is due, not that of whoever sent it.
      configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
    },
  ]
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !existing.has(topic))
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true })
  } finally {
    await admin.disconnect()
  }
}
