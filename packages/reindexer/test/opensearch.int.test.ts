import { Client } from '@opensearch-project/opensearch'
import { OpenSearchServer } from 'testkit'
import { expect, test } from 'vitest'
import { openStage } from './support/stage.ts'

test('builds, switches, goes back and drops indexes of OpenSearch', async () => {
  const server = new OpenSearchServer()
  await server.start()
  try {
    const client = new Client({ node: server.url })
    await using stage = await openStage(import.meta.url, { client, products: 30 })
    const activeIndexes = async (): Promise<string[]> =>
      Object.keys((await client.indices.getAlias({ name: stage.alias })).body)
    const former = stage.newIndex(1)
    const first = await stage.newReindexer(former).ensure()
    expect(first).toMatchObject({ changed: true, report: { documents: 30, records: 30, differences: [] } })
    expect(await activeIndexes()).toEqual([first.generation])
    const reindexer = stage.newReindexer(stage.newIndex(2), { previous: [former] })
    const second = await reindexer.ensure()
    expect(await activeIndexes()).toEqual([second.generation])
    expect(await reindexer.ensure()).toEqual({ generation: second.generation, changed: false })
    await stage.Product.update({ name: 'changed' }, { where: { id: 1 } })
    await stage.flush()
    expect(await reindexer.rollback()).toMatchObject({ name: first.generation })
    expect(await activeIndexes()).toEqual([first.generation])
    expect(await stage.compare(former)).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
    expect(await reindexer.drop()).toEqual([second.generation])
    expect(await activeIndexes()).toEqual([first.generation])
  } finally {
    await server.close()
  }
})
