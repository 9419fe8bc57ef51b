import { assert, constantFrom, jsonValue, oneof, property, record, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import type { Message } from '../ports/message.ts'
import { decodePayload } from './payload.ts'
import { decodeNamed, encodeRecordList, isRecordList, messagesOfList } from './record-list.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a list of records', () => {
  test('is decoded as it was encoded, with whole numbers beyond 2^53 as strings', () => {
    expect(encodeRecordList([1, 'a'])).toBe('{"ids":[1,"a"]}')
    expect(decodeNamed(encodeRecordList([1, 'a', '9007199254740993']))).toEqual({
      ids: [1, 'a', '9007199254740993'],
    })
    expect(decodeNamed(bytes('{"ids":[9007199254740993]}'))).toEqual({ ids: ['9007199254740993'] })
    expect(decodeNamed('{"ids":[]}')).toEqual({ ids: [] })
  })

  test('is distinguished from a payload, which may have a field of that name', () => {
    for (const text of ['{"id":1}', '{"id":1,"ids":[2]}', '{"id":"ids"}']) {
      const named = decodeNamed(bytes(text))
      expect(isRecordList(named)).toBe(false)
      expect(named).toEqual(decodePayload(text))
    }
    expect(isRecordList(decodeNamed('{"ids":[1]}'))).toBe(true)
    expect(() => decodePayload('{"ids":[1]}')).toThrow('"id"')
  })

  test.each([
    '{"ids":[1,1.5]}',
    '{"ids":[null]}',
    '{"ids":[""]}',
    '{"ids":{}}',
    '{"ids":1}',
    '[1]',
    '{}',
    'x',
  ])('is refused as a whole if one of its ids is invalid: %s', (text) => {
    expect(() => decodeNamed(text)).toThrow(KtError)
    expect(() => decodeNamed(text)).toThrow(expect.objectContaining({ code: 'KT_PAYLOAD_INVALID' }))
  })

  test('is decoded or refused for any value, without quoting it in the error', () => {
    const values = oneof(
      string(),
      uint8Array(),
      record({ ids: jsonValue(), id: jsonValue() }, { requiredKeys: [] }).map((value) =>
        JSON.stringify(value),
      ),
      constantFrom('{"ids":["secret",{}]}', '{"__proto__":{"ids":[1]}}'),
    )
    const refusal = (value: string | Uint8Array): unknown => {
      try {
        return decodeNamed(value) && undefined
      } catch (error) {
        return error
      }
    }
    assert(
      property(values, (value) => {
        const error = refusal(value)
        return (
          error === undefined ||
          (KtError.isInstance(error, 'KT_PAYLOAD_INVALID') && !String(error).includes('secret'))
        )
      }),
    )
  })
})

test('expands a list to messages like those of single records', () => {
  const list: Message = {
    topic: 'cities',
    partition: 3,
    offset: 7n,
    key: null,
    value: bytes('{"ids":[1,"b"]}'),
    headers: { 'kt-cascade': 'own,*' },
    timestampMs: 5,
  }
  const messages = messagesOfList(list, { ids: [1, 'b'] })
  const seen = messages.map(({ topic, partition, offset, key, value, headers, timestampMs }) => ({
    topic,
    partition,
    offset,
    key,
    value,
    headers,
    timestampMs,
  }))
  expect(seen).toEqual([
    { ...list, key: '1', value: bytes('{"id":1}') },
    { ...list, key: 'b', value: bytes('{"id":"b"}') },
  ])
})
