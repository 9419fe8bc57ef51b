import { silentLogger } from '@kt/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveConfig } from '../src/config/resolve-config.ts'
import { LazyParts } from '../src/lazy-parts.ts'
import { watchFeeding } from '../src/status/watch-feeding.ts'
import { openShop } from './support/shop.ts'
import type { Shop } from './support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop(import.meta.url)
  await shop.newSync().apply()
})
afterAll(() => shop[Symbol.asyncDispose]())

test('a searched index that nobody feeds during a long re-index is reported, once until somebody does', async () => {
  const reported: unknown[] = []
  const logger = { ...silentLogger, error: (_: string, fields?: object) => void reported.push(fields) }
  const parts = new LazyParts(resolveConfig(shop.config({ logger })))
  const ended = new AbortController()
  const watching = watchFeeding(parts, ended.signal, 50)
  await shop.scope.waitFor(() => reported.length > 0)
  const worker = shop.newSync()
  await worker.run({ only: ['indexer'], signals: [] })
  expect(reported).toEqual([expect.objectContaining({ waiting: 0 })])
  await worker.close()
  await shop.scope.waitFor(() => reported.length > 1)
  ended.abort()
  await watching
  for (const [, close] of parts.connections.closing) await close()
  expect(reported).toHaveLength(2)
})
