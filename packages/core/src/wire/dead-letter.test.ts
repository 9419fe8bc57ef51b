import { expect, test } from 'vitest'
import type { Message } from '../ports/message.ts'
import { toDeadLetter } from './dead-letter.ts'

const message: Message = {
  topic: 'cities',
  partition: 3,
  offset: 9_007_199_254_740_993n,
  key: '1',
  value: new Uint8Array([1, 2]),
  headers: { 'kt-change-id': 'c1', 'kt-cascade': 'a', 'kt-delayed': '1', other: 'x' },
  timestampMs: 1_700_000_000_000,
}

test('a dead letter contains the original message, its origin and the reason', () => {
  const reason = {
    code: 'KT_DOCUMENT_REJECTED',
    status: 400,
    type: 'document_parsing_exception',
    id: '1',
    attempts: 2,
  }
  expect(toDeadLetter(message, reason, message.timestampMs + 1_000)).toEqual({
    topic: 'cities.dead-letter',
    key: '1',
    value: message.value,
    headers: {
      'kt-change-id': 'c1',
      'kt-cascade': 'a',
      'kt-dead-topic': 'cities',
      'kt-dead-partition': '3',
      'kt-dead-offset': '9007199254740993',
      'kt-dead-code': 'KT_DOCUMENT_REJECTED',
      'kt-dead-status': '400',
      'kt-dead-type': 'document_parsing_exception',
      'kt-dead-id': '1',
      'kt-dead-attempts': '2',
      'kt-dead-first-seen': '2023-11-14T22:13:20.000Z',
      'kt-dead-at': '2023-11-14T22:13:21.000Z',
    },
  })
})

test('unknown fields are left out', () => {
  const { headers } = toDeadLetter(
    { ...message, headers: {} },
    { code: 'KT_PAYLOAD_INVALID', attempts: 1 },
    0,
  )
  expect(Object.keys(headers).toSorted()).toEqual([
    'kt-dead-at',
    'kt-dead-attempts',
    'kt-dead-code',
    'kt-dead-first-seen',
    'kt-dead-offset',
    'kt-dead-partition',
    'kt-dead-topic',
  ])
})

test('a message that was put back and failed again keeps its first time', () => {
  const firstSeen = (headers: Message['headers'], timestampMs = 0): unknown =>
    toDeadLetter({ ...message, headers, timestampMs }, { code: 'KT_LOAD_FAILED', attempts: 1 }).headers[
      'kt-dead-first-seen'
    ]
  expect(firstSeen({ 'kt-first-seen': '2020-01-01T00:00:00.000Z' })).toBe('2020-01-01T00:00:00.000Z')
  expect(firstSeen({ 'kt-first-seen': 'yesterday' })).toBe('1970-01-01T00:00:00.000Z')
})

test('accepts any timestamp that a producer may set', () => {
  for (const timestampMs of [-1, Number.NaN, Infinity, 2 ** 63, -(2 ** 63)]) {
    const { headers } = toDeadLetter({ ...message, timestampMs }, { code: 'KT_LOAD_FAILED', attempts: 1 })
    expect(Date.parse(headers['kt-dead-first-seen'] ?? '')).not.toBeNaN()
  }
})
