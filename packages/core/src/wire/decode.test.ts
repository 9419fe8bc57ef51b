import {
  array,
  assert,
  bigInt,
  constantFrom,
  dictionary,
  double,
  integer,
  jsonValue,
  oneof,
  property,
  record,
  string,
  stringMatching,
  uint8Array,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import { decodeDelayMessage, encodeDelayMessage } from './delay-message.ts'
import { decodePayload, encodePayload, payloadKey, payloadReferences } from './payload.ts'
import type { Payload } from './payload.ts'

const decoders = { decodePayload, decodeDelayMessage }

/** All error messages that decoding may throw. None has a place for a value. */
const messages = new Set([
  'The message value is null',
  'The message value is not JSON in UTF-8',
  'The message value is not a JSON object',
  'The message value has no valid "topic"',
  'The message value has no "id" that is a string of at most 512 bytes or a whole number',
])

const values = oneof(
  string(),
  uint8Array(),
  jsonValue().map((value) => JSON.stringify(value)),
  // Nearly valid messages, so that every check is reached.
  record(
    { id: jsonValue(), payload: jsonValue(), topic: jsonValue(), created_at: jsonValue() },
    { requiredKeys: [] },
  ).map((value) => JSON.stringify(value)),
  record({ payload: record({ id: jsonValue() }), topic: string() }).map((value) => JSON.stringify(value)),
  // Names of built-in properties, and numbers of every kind.
  dictionary(
    constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'id', 'payload', 'topic', 'references'),
    oneof(jsonValue(), double(), bigInt().map(String), constantFrom('cities', { id: 1 }, { __proto__: 1 })),
  ).map((value) => JSON.stringify(value)),
  // Nearly valid JSON, with long numbers among it.
  array(
    constantFrom(
      '"',
      '\\',
      '\\"',
      '12345678901234567890',
      '-',
      '.5',
      'e1',
      ' ',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      'id',
    ),
  ).map((parts) => parts.join('')),
)

describe.each(Object.entries(decoders))('%s', (_name, decode) => {
  test('only throws a KtError that does not quote the value', () => {
    assert(
      property(values, (value) => {
        const error = thrownBy(() => decode(value))
        if (error === undefined) return
        if (!KtError.isInstance(error)) throw error
        if (!messages.has(error.message) || error.cause !== undefined)
          throw new Error('It may quote the value')
      }),
      { numRuns: 1_000 },
    )
  })

  test('refuses null, and bytes that are not UTF-8', () => {
    expect(() => decode(null)).toThrow('is null')
    expect(() => decode(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow('is not JSON in UTF-8')
  })

  test('does not overflow on deep nesting', () => {
    expect(() => decode('['.repeat(200_000))).toThrow(KtError)
    expect(() => decode(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toThrow(KtError)
  })

  test.each([
    ['a string that does not end', `1234567890123456"${'\\"'.repeat(400_000)}`],
    ['a million digits', `{"id":${'1'.repeat(1_000_000)}}`],
    ['a megabyte of id', JSON.stringify({ id: 'x'.repeat(1_000_000) })],
    ['many long numbers', `{"id":[${'1234567890123456789.5e1,'.repeat(40_000)}1]}`],
    ['long numbers in a string of escapes', `{"x":12345678901234567890,"y":"${'\\"'.repeat(400_000)}"}`],
    ['a million spaces', `{"id":12345678901234567890${' '.repeat(1_000_000)}x}`],
  ])('decodes %s quickly', (_what, text) => {
    const startedAt = performance.now()
    expect(() => decode(text)).toThrow(KtError)
    // It takes milliseconds. A second allows for a busy machine, and is far less than backtracking would take.
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('never touches a prototype', () => {
    const evil = '{"__proto__":{"id":1,"topic":"t","polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    expect(() => decode(evil)).toThrow(KtError)
    const hidden =
      '{"id":1,"topic":"t","payload":{"id":1,"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}'
    const decoded: object = decode(hidden)
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })
})

describe('payloads', () => {
  const ids = oneof(string({ minLength: 1, maxLength: 100 }), integer(), bigInt())

  test('keep their id, of any size and type', () => {
    assert(
      property(ids, (id) => {
        const text = typeof id === 'string' ? JSON.stringify({ id }) : `{"id":${id}}`
        expect(payloadKey(decodePayload(text))).toBe(String(id))
        expect(payloadKey(decodePayload(new TextEncoder().encode(text)))).toBe(
          new TextDecoder().decode(new TextEncoder().encode(String(id))),
        )
      }),
    )
  })

  test('are decoded as they were encoded', () => {
    const payload: Payload = { id: '9007199254740993', routing: 'de', nested: { list: [1, 'two', null] } }
    expect(decodePayload(encodePayload(payload))).toEqual(payload)
    expect(encodePayload({ id: 1 })).toBe('{"id":1}')
  })

  test('use the last of several ids, as JSON.parse does', () => {
    expect(payloadKey(decodePayload('{"id":1,"id":2}'))).toBe('2')
    expect(() => decodePayload('{"id":1,"id":{}}')).toThrow(KtError)
  })

  test.each([
    ['-5', '-5'],
    ['-0', '0'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['"-1.5"', '-1.5'],
  ])('may have the id %s', (id, key) => {
    expect(payloadKey(decodePayload(`{"id":${id}}`))).toBe(key)
  })

  test.each(['1e400', '-1e400', '1.5', '-0.5', '1e20', '12345678901234567890.5'])(
    'have no id that is not exact: %s',
    (id) => {
      expect(() => decodePayload(`{"id":${id}}`)).toThrow(KtError)
    },
  )

  test.each(['{"id":null}', '{"id":""}', '{"id":1.5}', '{"id":true}', '{"id":[1]}', '{}', '[]', '1', 'null'])(
    'have a usable id, unlike %s',
    (text) => {
      expect(() => decodePayload(text)).toThrow(KtError)
    },
  )

  test('have ids of at most 512 bytes', () => {
    expect(payloadKey(decodePayload(JSON.stringify({ id: 'ü'.repeat(256) })))).toBe('ü'.repeat(256))
    expect(() => decodePayload(JSON.stringify({ id: 'ü'.repeat(257) }))).toThrow(KtError)
  })

  test('return their references as strings, and none when malformed', () => {
    const payload = decodePayload(
      '{"id":1,"references":{"a":[1,"2",9007199254740993,null,1.5],"b":3,"__proto__":[4]}}',
    )
    const references = payloadReferences(payload)
    expect(references['a']).toEqual(['1', '2', '9007199254740993'])
    expect(references['b']).toEqual([])
    expect(Object.getPrototypeOf(references)).toBe(Object.prototype)
    for (const malformed of ['[]', '1', 'null', '"x"'])
      expect(payloadReferences(decodePayload(`{"id":1,"references":${malformed}}`))).toEqual({})
    assert(property(jsonValue(), (references) => void payloadReferences({ id: 1, references } as Payload)))
  })
})

describe('delay messages', () => {
  test('decode messages of the Ruby gem', () => {
    const value =
      '{"payload":{"id":12345678901234567890,"name":"x"},"created_at":1700000000.1234567,"topic":"cities"}'
    expect(decodeDelayMessage(value)).toEqual({
      payload: { id: '12345678901234567890', name: 'x' },
      topic: 'cities',
      createdAtMs: 1_700_000_000_123,
    })
  })

  test('are encoded as the Ruby gem expects', () => {
    const value = encodeDelayMessage({ payload: { id: 1 }, topic: 'cities', createdAtMs: 1_700_000_000_123 })
    expect(value).toBe('{"payload":{"id":1},"created_at":1700000000.123,"topic":"cities"}')
  })

  test('are decoded as they were encoded', () => {
    const any = record({
      payload: record({ id: string({ minLength: 1, maxLength: 100 }) }),
      topic: stringMatching(/^[a-z][a-zA-Z0-9._-]{0,248}$/),
      createdAtMs: integer({ min: 0, max: 8_640_000_000_000_000 / 2 }),
    })
    assert(
      property(any, (message) => {
        expect(decodeDelayMessage(encodeDelayMessage(message))).toEqual(message)
      }),
    )
  })

  test.each(['"yesterday"', 'null', '1e999', '[]'])('need no usable created_at: %s', (createdAt) => {
    const value = `{"payload":{"id":1},"created_at":${createdAt},"topic":"cities"}`
    expect(decodeDelayMessage(value).createdAtMs).toBe(0)
  })

  test.each([
    '',
    '.',
    '..',
    '__consumer_offsets',
    '__x',
    'a b',
    'a/b',
    'ü',
    'a\n',
    'x'.repeat(250),
    1,
    null,
    ['a'],
  ])('cannot have the topic %j', (topic) => {
    const value = JSON.stringify({ payload: { id: 1 }, created_at: 0, topic })
    expect(() => decodeDelayMessage(value)).toThrow('no valid "topic"')
  })

  test.each(['x'.repeat(249), '_x', 'shop.public.cities-2'])('may have the topic %s', (topic) => {
    const value = JSON.stringify({ payload: { id: 1 }, created_at: 0, topic })
    expect(decodeDelayMessage(value).topic).toBe(topic)
  })

  test('report which part is wrong', () => {
    const codeOf = (value: string): unknown => {
      const error = thrownBy(() => decodeDelayMessage(value))
      return KtError.isInstance(error) && error.code
    }
    expect(codeOf('{')).toBe('KT_DELAY_MESSAGE_INVALID')
    expect(codeOf('{"payload":{"id":1}}')).toBe('KT_DELAY_MESSAGE_INVALID')
    expect(codeOf('{"payload":{"id":1},"topic":""}')).toBe('KT_DELAY_MESSAGE_INVALID')
    expect(codeOf('{"payload":{},"topic":"cities"}')).toBe('KT_PAYLOAD_INVALID')
    expect(codeOf('{"topic":"cities"}')).toBe('KT_PAYLOAD_INVALID')
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
