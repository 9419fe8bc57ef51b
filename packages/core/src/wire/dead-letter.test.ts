import { expect, test } from 'vitest'
import type { Message } from '../ports/message.ts'
import { toDeadLetter } from './dead-letter.ts'

const message: Message = {
  topic: 'cities',
  partition: 3,
  offset: 9_007_199_254_740_993n,
  key: '1',
  value: new Uint8Array([1, 2]),
  headers: { 'kt-change-id': 'c1', 'kt-cascade': 'a', other: 'x' },
  timestampMs: 0,
}

test('a dead letter is the message as it came, with where it came from and why', () => {
  const reason = {
    code: 'KT_DOCUMENT_REJECTED',
    status: 400,
    type: 'document_parsing_exception',
    id: '1',
    attempts: 2,
  }
  expect(toDeadLetter(message, reason, 0)).toEqual({
    topic: 'cities.dead-letter',
    key: '1',
    value: message.value,
    headers: {
      'kt-change-id': 'c1',
      'kt-dead-topic': 'cities',
      'kt-dead-partition': '3',
      'kt-dead-offset': '9007199254740993',
      'kt-dead-code': 'KT_DOCUMENT_REJECTED',
      'kt-dead-status': '400',
      'kt-dead-type': 'document_parsing_exception',
      'kt-dead-id': '1',
      'kt-dead-attempts': '2',
      'kt-dead-at': '1970-01-01T00:00:00.000Z',
    },
  })
})

test('what is not known is left out', () => {
  const { headers } = toDeadLetter(
    { ...message, headers: {} },
    { code: 'KT_PAYLOAD_INVALID', attempts: 1 },
    0,
  )
  expect(Object.keys(headers).toSorted()).toEqual([
    'kt-dead-at',
    'kt-dead-attempts',
    'kt-dead-code',
    'kt-dead-offset',
    'kt-dead-partition',
    'kt-dead-topic',
  ])
})
