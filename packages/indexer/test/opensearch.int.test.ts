import { Client } from '@opensearch-project/opensearch'
import { OpenSearchServer } from 'testkit'
import { indexerSuite } from './indexer-suite.ts'

indexerSuite('OpenSearch', import.meta.url, async () => {
  const server = new OpenSearchServer()
  await server.start()
  return {
    url: server.url,
    connect: (url) => {
      const client = new Client({ node: url })
      return { client, close: () => client.close() }
    },
    stop: () => server.close(),
  }
})
