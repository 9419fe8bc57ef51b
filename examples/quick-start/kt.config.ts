import { Client } from '@elastic/elasticsearch'
import { modelIndex } from '@kt/model-index'
import { defineConfig } from '@kt/sync'
import { Product, sequelize } from './models.ts'

const { KAFKA_BROKERS = 'localhost:9092', ELASTICSEARCH_URL = 'http://localhost:9200' } = process.env

export const search = new Client({ node: ELASTICSEARCH_URL })

export const productIndex = modelIndex(Product, {
  name: process.env['PRODUCTS_INDEX'] ?? 'products',
  mappings: { dynamic: 'strict', properties: { name: { type: 'text' }, price: { type: 'integer' } } },
  document: ({ name, price }) => ({ name, price }),
})

export default defineConfig({
  kafka: { brokers: KAFKA_BROKERS.split(',') },
  search,
  sequelize,
  indexes: [productIndex],
  // Several applications can share a Kafka cluster.
  prefix: process.env['TOPIC_PREFIX'] ?? '',
})
