import { Client } from '@opensearch-project/opensearch'
import { OpenSearchServer } from 'testkit'
import { expect, test } from 'vitest'
import type { SyncConfig } from '../src/index.ts'
import { openShop } from './support/shop.ts'

test('builds, indexes, verifies, goes back and reports on OpenSearch, with an outbox', async () => {
  const server = new OpenSearchServer()
  await server.start()
  const search = new Client({ node: server.url })
  try {
    await using shop = await openShop(import.meta.url)
    const brand = await shop.Brand.create({ name: 'Old' })
    await shop.Product.create({ name: 'Was there before', brandId: brand.id })
    const config: Partial<SyncConfig> = { search, outbox: { table: 'shop_outbox' } }
    const worker = shop.newSync(config)
    expect(await worker.plan()).toMatchObject({
      outbox: { action: 'create' },
      indexes: [{ action: 'build' }],
    })
    await worker.apply()
    expect(await worker.plan()).toMatchObject({ hasChanges: false })
    await worker.run({ signals: [] })
    const application = shop.newSync(config)
    await application.start()
    const documents = async (): Promise<readonly unknown[]> => {
      await search.indices.refresh({ index: shop.alias })
      const { body } = await search.search({ index: shop.alias })
      return body.hits.hits.map(({ _source }) => _source)
    }

    await brand.update({ name: 'New' })
    const token = await application.updateStreamer.track(async () => {
      await shop.Product.create({ name: 'Chair' })
      return application.updateStreamer.token()
    })
    expect(await application.waitForIndexed(token, shop.alias, { refresh: true })).toBe('indexed')
    await application.whenCaughtUp()
    expect(await documents()).toEqual(
      expect.arrayContaining([
        { name: 'Was there before', brand: 'New' },
        { name: 'Chair', brand: null },
      ]),
    )
    await shop.scope.waitFor(() => worker.isReady())
    expect(await worker.status()).toMatchObject({ away: [], missingIndexes: [], outbox: 0 })
    expect((await worker.diagnose()).map(({ code }) => code)).toEqual(['written-past-streams'])
    expect(await worker.verifier(shop.alias).verify()).toMatchObject({ documents: 2, differences: [] })

    const next = shop.newSync(config, 2)
    expect((await next.apply()).get(shop.alias)).toMatchObject({ changed: true })
    await next.run({ only: ['indexer'], signals: [] })
    expect(await documents()).toHaveLength(2)
  } finally {
    await search.close()
    await server.close()
  }
})
