import { defineConfig } from '@kt/sync'
import { cityIndex } from './src/index/city-index.ts'
import { search } from './src/index/client.ts'
import { sequelize } from './src/models/database.ts'
import { settings } from './src/settings.ts'

export const kafka = { clientId: 'city-search', brokers: settings.brokers }

export default defineConfig({
  kafka,
  search,
  sequelize,
  indexes: [cityIndex],
  prefix: settings.topicPrefix,
  delay: { ms: settings.delayMs },
  topics: { partitions: 4, delayPartitions: 4 },
})
