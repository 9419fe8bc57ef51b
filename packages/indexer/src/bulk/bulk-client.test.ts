import { Client as ElasticsearchClient } from '@elastic/elasticsearch'
import { Client as OpenSearchClient } from '@opensearch-project/opensearch'
import { expect, test, vi } from 'vitest'
import { sendBulk } from './bulk-client.ts'

const body = '{"delete":{"_id":"1"}}\n'
const items = [{ delete: { status: 200 } }]
const request = {
  index: 'cities',
  body,
  operations: 1,
  timeoutMs: 1_000,
  signal: new AbortController().signal,
}

// The compiler checks that both clients have the type BulkClient.

test('sends requests with the Elasticsearch client', async () => {
  const client = new ElasticsearchClient({ node: 'http://127.0.0.1:1' })
  const send = vi.spyOn(client.transport, 'request').mockResolvedValue({ errors: false, items })
  expect(await sendBulk(client, request)).toEqual({ errors: false, items })
  const [params, options] = send.mock.calls[0] ?? []
  expect(params).toMatchObject({ method: 'POST', path: '/cities/_bulk', bulkBody: body })
  expect(params?.querystring).toEqual({
    filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason',
  })
  expect(options).toEqual({ requestTimeout: 1_000, maxRetries: 0, signal: request.signal })
})

test('sends requests with the OpenSearch client', async () => {
  const client = new OpenSearchClient({ node: 'http://127.0.0.1:1' })
  const answer = Object.assign(Promise.resolve({ body: { errors: false, items } }), { abort: vi.fn() })
  const send = vi.spyOn(client.transport, 'request').mockReturnValue(answer)
  expect(await sendBulk(client, request)).toEqual({ errors: false, items })
  const [params, options] = send.mock.calls[0] ?? []
  expect(params).toMatchObject({ path: '/cities/_bulk', bulkBody: body })
  expect(params?.querystring).toEqual({
    filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason',
  })
  expect(options).toEqual({ requestTimeout: 1_000, maxRetries: 0 })
  expect(answer.abort).not.toHaveBeenCalled()
})

test.each([true, false])('asks only if anything failed: %o', async (errors) => {
  const client = new ElasticsearchClient({ node: 'http://127.0.0.1:1' })
  const send = vi.spyOn(client.transport, 'request').mockResolvedValue({ errors })
  expect(await sendBulk(client, { ...request, brief: true })).toEqual({ errors })
  expect(send.mock.calls[0]?.[0].querystring).toEqual({ filter_path: 'errors' })
})

test('aborts the request of an OpenSearch client', async () => {
  const aborting = new AbortController()
  let fail = (): void => undefined
  const pending = new Promise<object>((_, reject) => {
    fail = () => reject(new Error('aborted'))
  })
  const answer = Object.assign(pending, { abort: () => fail() })
  const client = { transport: {}, bulk: () => answer }
  const sent = sendBulk(client, { ...request, signal: aborting.signal })
  aborting.abort()
  await expect(sent).rejects.toThrow('aborted')
})

test.each([{}, { items: [] }, { items: [...items, ...items] }, { body: 'text' }])(
  'an answer that does not fit the request is none: %o',
  async (answer) => {
    const sent = sendBulk({ bulk: () => Promise.resolve(answer) }, request)
    await expect(sent).rejects.toMatchObject({ code: 'KT_BULK_FAILED', retryable: true })
  },
)

test.each([{}, { body: 'text' }, { errors: 'none' }])(
  'an answer that does not say if anything failed is none: %o',
  async (answer) => {
    const sent = sendBulk({ bulk: () => Promise.resolve(answer) }, { ...request, brief: true })
    await expect(sent).rejects.toMatchObject({ code: 'KT_BULK_FAILED', retryable: true })
  },
)
