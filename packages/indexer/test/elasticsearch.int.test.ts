import { Client } from '@elastic/elasticsearch'
import { requireAddress } from 'testkit'
import { indexerSuite } from './indexer-suite.ts'

indexerSuite('Elasticsearch', import.meta.url, () =>
  Promise.resolve({
    url: requireAddress('elasticsearch'),
    connect: (url) => {
      const client = new Client({ node: url })
      return { client, close: () => client.close() }
    },
    // It is shared by all test files.
    stop: () => Promise.resolve(),
  }),
)
