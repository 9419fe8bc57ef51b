import { defineConfig } from '@kt/sync'
import { sequelize } from './src/models/database.ts'
import { search } from './src/search/client.ts'
import { productIndex } from './src/search/product-index.ts'

export default defineConfig({
  kafka: { brokers: (process.env['KAFKA_BROKERS'] ?? 'localhost:9092').split(',') },
  search,
  sequelize,
  indexes: [productIndex],
  prefix: process.env['TOPIC_PREFIX'] ?? '',
})
