import { expect, test } from 'vitest'
import { openStage } from './support/stage.ts'

test('finds copies under another routing, and heals them', async () => {
  await using stage = await openStage(import.meta.url, { isRouted: true, shards: 4 })
  const { Product, client, index, newVerifier, whenIndexed } = stage
  await Product.bulkCreate(
    Array.from({ length: 50 }, (_, number) => ({
      id: number + 1,
      name: `Product ${number + 1}`,
      shelf: `shelf ${number % 7}`,
    })),
  )
  await whenIndexed()
  const verifier = newVerifier()
  expect(await verifier.verify()).toMatchObject({ documents: 50, records: 50, duplicate: 0, missing: 0 })
  await client.index({ index: index.name, id: '1', routing: 'elsewhere', document: { name: 'a copy' } })
  await client.delete({ index: index.name, id: '2', routing: 'shelf 1' })
  const report = await verifier.verify({ heal: true })
  expect(report).toMatchObject({ duplicate: 1, missing: 1, stale: 0, orphaned: 0, healed: 2 })
  expect(await verifier.verify()).toMatchObject({ documents: 50, duplicate: 0, missing: 0 })
})
