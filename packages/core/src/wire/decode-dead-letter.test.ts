import {
  assert,
  constantFrom,
  dictionary,
  integer,
  oneof,
  property,
  record,
  string,
  uint8Array,
} from 'fast-check'
import { expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import type { Message } from '../ports/message.ts'
import { toDeadLetter } from './dead-letter.ts'
import { decodeDeadLetter } from './decode-dead-letter.ts'
import { deadLetterHeaders } from './headers.ts'

const message: Message = {
  topic: 'cities',
  partition: 3,
  offset: 9_007_199_254_740_993n,
  key: '1',
  value: new TextEncoder().encode('{"id":1}'),
  headers: { 'kt-change-id': 'c1' },
  timestampMs: 1_700_000_000_000,
}

function received({ topic, key, value, headers }: ReturnType<typeof toDeadLetter>): Message {
  return { topic, partition: 0, offset: 0n, key, value, headers, timestampMs: 0 }
}

const reason = { code: 'KT_DOCUMENT_REJECTED', status: 400, type: 'document_parsing_exception', id: '1' }

test('a dead letter is decoded to the original message and reason', () => {
  const letter = received(toDeadLetter(message, { ...reason, attempts: 2 }, 1_700_000_060_000))
  expect(decodeDeadLetter(letter)).toEqual({
    ...reason,
    attempts: 2,
    topic: 'cities',
    partition: 3,
    offset: 9_007_199_254_740_993n,
    key: '1',
    value: message.value,
    changeId: 'c1',
    firstSeenMs: 1_700_000_000_000,
    givenUpMs: 1_700_000_060_000,
  })
})

test('any message that becomes a dead letter can be decoded', () => {
  const anyMessage = record({
    topic: constantFrom('cities', 'delay_5m'),
    partition: integer({ min: 0 }),
    offset: integer({ min: 0 }).map(BigInt),
    key: oneof(string(), constantFrom(null)),
    value: oneof(uint8Array(), constantFrom(null)),
    headers: dictionary(oneof(string(), constantFrom('kt-first-seen', 'kt-change-id')), string()),
    timestampMs: oneof(integer(), constantFrom(-1, 2 ** 63, Number.NaN)),
  })
  assert(
    property(anyMessage, (given) => {
      const letter = decodeDeadLetter(received(toDeadLetter(given, { code: 'KT_LOAD_FAILED', attempts: 1 })))
      expect(letter).toMatchObject({ topic: given.topic, partition: given.partition, offset: given.offset })
      expect(letter).toMatchObject({ key: given.key, value: given.value })
    }),
  )
})

test('any other message throws a KtError that quotes nothing', () => {
  const { headers: right } = toDeadLetter(message, { ...reason, attempts: 2 })
  const names = constantFrom(...Object.values(deadLetterHeaders), '__proto__', 'constructor')
  const texts = new Set(
    Object.values(deadLetterHeaders).map(
      (name) => `The message is not a dead letter: its header "${name}" is missing or malformed`,
    ),
  )
  assert(
    property(dictionary(names, string()), (wrong) => {
      const headers = { ...right, ...wrong }
      try {
        decodeDeadLetter({ ...message, headers })
      } catch (error) {
        if (!KtError.isInstance(error, 'KT_DEAD_LETTER_INVALID') || !texts.has(error.message)) throw error
      }
    }),
  )
})

test.each([
  ['kt-dead-topic', '__consumer_offsets'],
  ['kt-dead-topic', 'a b'],
  ['kt-dead-partition', '-1'],
  ['kt-dead-offset', '1.5'],
  ['kt-dead-offset', '9'.repeat(100_000)],
  ['kt-dead-code', 'alice@example.com'],
  ['kt-dead-attempts', 'NaN'],
  ['kt-dead-first-seen', '2026-13-01T00:00:00.000Z'],
  ['kt-dead-at', 'yesterday'],
])('refuses the header %s: %.20s', (name, value) => {
  const { headers } = toDeadLetter(message, { ...reason, attempts: 2 })
  expect(() => decodeDeadLetter({ ...message, headers: { ...headers, [name]: value } })).toThrow(name)
})
