import { isTopicName } from '@kt/core/internal'
import { assert, property } from 'fast-check'
import { hostileMessages } from 'testkit/hostile'
import { expect, test } from 'vitest'
import { delayMessage } from '../test/support/messages.ts'
import { toResends } from './resend.ts'

test('accepts any message, and sends to allowed topics only', () => {
  assert(
    property(hostileMessages('delay_5m'), (messages) => {
      for (const source of messages) {
        const result = toResends(source, 'delay_1h')
        if ('code' in result) continue
        const [first, second] = result.map(({ options }) => options.topic)
        if (!isTopicName(first) || first === 'delay_5m' || second !== 'delay_1h') throw new Error(first)
      }
    }),
    { numRuns: 1_000 },
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})

test.each(['delay_5m', 'delay_1h', '__consumer_offsets', '..', 'a b', 'x'.repeat(250)])(
  'sends nothing to %s',
  (to) => {
    expect(toResends(delayMessage(1, { to }), 'delay_1h')).toMatchObject({ code: 'KT_DELAY_MESSAGE_INVALID' })
  },
)

test('returns to the delay topic while its transaction is open', () => {
  const headers = { 'kt-change-id': 'c1.0' }
  const source = delayMessage(1, { headers })
  expect(toResends(source, 'delay_1h', (changeId) => changeId === 'c1.0')).toEqual([
    { value: source.value, options: { topic: 'delay_5m', key: '1', headers }, source },
  ])
  expect(toResends(source, undefined, () => false)).toMatchObject([{ options: { topic: 'cities' } }])
  expect(toResends(delayMessage(1), undefined, () => true)).toMatchObject([{ options: { topic: 'cities' } }])
})

test('a list keeps its key', () => {
  const value = JSON.stringify({ payload: { ids: [7, 'a'] }, created_at: 1, topic: 'cities' })
  const source = { ...delayMessage(1), key: '7', value: Buffer.from(value) }
  expect(toResends(source, 'delay_1h')).toMatchObject([
    { value: '{"ids":[7,"a"]}', options: { topic: 'cities', key: '7' } },
    { options: { topic: 'delay_1h', key: '7' } },
  ])
})

test('cuts the same out of the usual messages as a JSON parser reads', () => {
  const ids = [0, 7, 999_999_999_999_999, 'b5f2-4', 'x'.repeat(65), 'a"b', 'ä', '7.5', 1e15, 9e15]
  const more = ids.flatMap((id) => [{ id }, { id, name: 'x' }])
  for (const payload of more)
    for (const created of [1, 1_764_460_000.123, -1])
      for (const topic of ['cities', 'a.b_c-D', '..']) {
        const value = Buffer.from(JSON.stringify({ payload, created_at: created, topic }))
        // Another order of the fields isn't the usual form.
        const other = Buffer.from(JSON.stringify({ topic, created_at: created, payload }))
        const resends = [value, other].map((bytes) => {
          const result = toResends({ ...delayMessage(1), value: bytes }, undefined)
          return 'code' in result ? result.code : result.map(({ value: text, options }) => [text, options])
        })
        expect(resends[0]).toEqual(resends[1])
      }
})
