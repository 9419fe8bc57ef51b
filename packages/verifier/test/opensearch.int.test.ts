import { Client } from '@opensearch-project/opensearch'
import { OpenSearchServer } from 'testkit'
import { expect, test } from 'vitest'
import { openStage } from './support/stage.ts'

test('verifies and heals an index of OpenSearch', async () => {
  const server = new OpenSearchServer()
  await server.start()
  try {
    const client = new Client({ node: server.url })
    await using stage = await openStage(import.meta.url, { client })
    const { Product, index, newVerifier, whenIndexed } = stage
    await Product.bulkCreate([1, 2, 3].map((id) => ({ id, name: `Product ${id}` })))
    await whenIndexed()
    const verifier = newVerifier()
    expect(await verifier.verify()).toMatchObject({ documents: 3, records: 3, differences: [] })
    await client.delete({ index: index.name, id: '1' })
    await client.update({ index: index.name, id: '2', body: { doc: { name: 'Wrong' } } })
    await client.index({ index: index.name, id: '9', body: {} })
    const report = await verifier.verify({ heal: true })
    expect(report).toMatchObject({ missing: 1, stale: 1, orphaned: 1, healed: 3 })
    expect(await verifier.verify()).toMatchObject({ documents: 3, differences: [] })
  } finally {
    await server.close()
  }
})
