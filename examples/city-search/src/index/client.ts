import { Client } from '@elastic/elasticsearch'
import { settings } from '../settings.ts'

export const search = new Client({ node: settings.elasticsearchUrl, requestTimeout: 5_000, maxRetries: 1 })
