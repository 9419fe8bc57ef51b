import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(import.meta.url, { contentHash: 'contentHash' })
  await stage.Product.bulkCreate(Array.from({ length: 50 }, (_, index) => ({ name: `Product ${index}` })))
  await stage.whenIndexed()
})
afterAll(() => stage[Symbol.asyncDispose]())

test('documents are compared by the hash of their content, which the search engine gives without them', async () => {
  const { client, index, sequelize } = stage
  expect(await stage.newVerifier().verify()).toMatchObject({ documents: 50, records: 50, differences: [] })
  await sequelize.query(`UPDATE "Products" SET name = 'Changed by hand' WHERE id = 7`)
  await client.delete({ index: index.name, id: '8' })
  await client.index({ index: index.name, id: '9', document: { name: 'without a hash' } })
  const requests: unknown[] = []
  const spying = new Proxy(client, {
    get: (target, name: keyof typeof client) =>
      name === 'search'
        ? async (...request: Parameters<typeof client.search>) => {
            requests.push(await target.search(...request))
            return requests.at(-1)
          }
        : target[name],
  })
  const verifier = stage.newVerifier({ client: spying })
  const found = await verifier.verify({ heal: true })
  expect(found.differences.map(({ id, kind }) => `${kind} ${id}`).toSorted()).toEqual([
    'missing 8',
    'stale 7',
    'stale 9',
  ])
  expect(JSON.stringify(requests)).not.toContain('_source')
  expect(await verifier.verify()).toMatchObject({ differences: [] })
})

test("a comparison of one's own is refused, because documents are not read", () => {
  expect(() => stage.newVerifier({ isSame: () => true })).toThrow(
    expect.objectContaining({ code: 'KT_OPTION_INVALID' }),
  )
})
