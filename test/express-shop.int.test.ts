import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from 'testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Template } from './support/template.ts'

let shop: Template
let web: ChildProcess
let worker: ChildProcess
let port: number

beforeAll(async () => {
  port = await freePort()
  shop = await Template.install('express-shop')
  await shop.npm('setup')
  worker = shop.start('kt', ['run'])
  web = shop.start('node', ['--import', 'tsx', 'src/server.ts'], { PORT: String(port) })
  await shop.scope.waitFor(async () => (await ask('GET', '/products').catch(() => undefined))?.status === 200)
}, 240_000)
afterAll(() => shop[Symbol.asyncDispose]())

interface Answer {
  readonly status: number
  readonly body: unknown
  /** Shows the answer's changes to a search. */
  readonly token: string
}

async function ask(method: string, path: string, body?: object, token?: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { 'x-change-token': token }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const token_ = response.headers.get('x-change-token') ?? ''
  return { status: response.status, body: await response.json(), token: token_ }
}

async function create(path: string, body: object): Promise<number> {
  return ((await ask('POST', path, body)).body as { readonly id: number }).id
}

test('type-checks where it was copied to', async () => {
  expect(await shop.npm('types')).toBe('')
})

test('needs at most 40 lines of glue', async () => {
  const files = await Promise.all(
    ['kt.config.ts', 'src/sync.ts', 'src/server.ts'].map((file) => readFile(join(shop.folder, file), 'utf8')),
  )
  const lines = files
    .flatMap((text) => text.split('\n'))
    .filter((line) => !/^\s*(\/\/|\/\*\*.*\*\/)?\s*$/u.test(line))
  expect(lines.length).toBeLessThanOrEqual(40)
})

describe('a search shows what its client has just written', () => {
  test('a product with its brand, categories and reviews, and their changes', async () => {
    const brandId = await create('/brands', { name: 'Lumen' })
    const categoryIds = [
      await create('/categories', { name: 'Lamps' }),
      await create('/categories', { name: 'Desk' }),
    ]
    const id = await create('/products', { name: 'Green lamp', brandId, categoryIds })
    await ask('POST', `/products/${id}/reviews`, { stars: 5 })
    const reviewed = await ask('POST', `/products/${id}/reviews`, { stars: 2 })
    const document = { id, name: 'Green lamp', brand: 'Lumen', categories: ['Desk', 'Lamps'] }
    expect((await ask('GET', '/products?q=lumen', undefined, reviewed.token)).body).toEqual([
      { ...document, rating: { count: 2, average: 3.5 } },
    ])
    const renamed = await ask('PATCH', `/brands/${brandId}`, { name: 'Bright' })
    expect((await ask('GET', '/products?q=bright', undefined, renamed.token)).body).toMatchObject([
      { id, brand: 'Bright' },
    ])
    const moved = await ask('PATCH', `/products/${id}`, { categoryIds: [] })
    expect((await ask('GET', '/products?category=Lamps', undefined, moved.token)).body).toEqual([])
    const gone = await ask('DELETE', `/products/${id}`)
    expect((await ask('GET', '/products?q=bright', undefined, gone.token)).body).toEqual([])
  })
})

test('SIGTERM under load answers every request that has written, and no write is lost', async () => {
  const written: number[] = []
  let refused = 0
  const client = async (): Promise<void> => {
    for (;;)
      try {
        const { status, body } = await ask('POST', '/products', { name: 'Written under load' })
        if (status !== 201) throw new Error(`A request was answered with ${status}`)
        written.push((body as { readonly id: number }).id)
      } catch (error) {
        // Whoever connects at the very end is turned away, and nothing has happened then.
        if (!(error instanceof TypeError)) throw error
        refused++
        return
      }
  }
  const clients = Array.from({ length: 8 }, client)
  await shop.scope.waitFor(() => written.length > 50)
  expect(await shop.end(web)).toBe(0)
  await Promise.all(clients)
  expect(refused).toBe(8)
  const [rows] = await shop.sql(
    `SELECT count(*)::int AS count FROM products WHERE name = 'Written under load'`,
  )
  expect(rows).toEqual({ count: written.length })
  const { elasticsearch } = shop.scope
  const found = async (): Promise<boolean> => {
    await elasticsearch.indices.refresh({ index: shop.alias })
    const query = { match_phrase: { name: 'Written under load' } }
    return (await elasticsearch.count({ index: shop.alias, query })).count >= written.length
  }
  expect(await shop.scope.waitFor(found)).toBe(true)
  expect(await shop.end(worker)).toBe(0)
})
