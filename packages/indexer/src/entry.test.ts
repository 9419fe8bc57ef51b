import type { Message } from '@kt/core'
import { assert, property } from 'fast-check'
import { hostileMessages } from 'testkit/hostile'
import { expect, test } from 'vitest'
import { message } from '../test/support/fakes.ts'
import { parseBatch } from './entry.ts'

const never = (): boolean => false

test('makes one entry per record, with its last payload and all messages', () => {
  const messages = [message({ id: 1, name: 'a' }), message({ id: 2 }), message({ id: '1', name: 'b' })]
  const { entries, unparseable, skipped } = parseBatch(messages, never)
  expect(entries.map(({ id, payload, messages: own }) => ({ id, payload, messages: own }))).toEqual([
    { id: '1', payload: { id: '1', name: 'b' }, messages: [messages[0], messages[2]] },
    { id: '2', payload: { id: 2 }, messages: [messages[1]] },
  ])
  expect(unparseable).toEqual([])
  expect(skipped).toBe(0)
})

test('merges the references of all messages', () => {
  const { entries } = parseBatch(
    [
      message({ id: 1, references: { country: [1, 2] } }),
      message({ id: 1, references: { country: [2, 3], state: ['x'] } }),
      message({ id: 1 }),
    ],
    never,
  )
  expect(entries[0]?.payload).toEqual({ id: 1, references: { country: ['1', '2', '3'], state: ['x'] } })
})

test.each([
  '',
  'no json',
  '{}',
  '[]',
  'null',
  '{"ids":[1,1.5]}',
  '{"id":1.5}',
  '{"id":""}',
  `{"id":"${'x'.repeat(600)}"}`,
])('sets messages without a payload aside: %s', (text) => {
  const bad = message(text)
  const { entries, unparseable } = parseBatch([bad, message({ id: 1 })], never)
  expect(unparseable).toEqual([bad])
  expect(entries).toHaveLength(1)
})

test('treats a message that names many records as one message per record', () => {
  const list = message('{"ids":[1,"2",3]}', { offset: 5n })
  const { entries, unparseable } = parseBatch([message({ id: 2, name: 'a' }), list], never)
  expect(entries.map(({ id, payload }) => [id, payload])).toEqual([
    ['2', { id: '2' }],
    ['1', { id: 1 }],
    ['3', { id: 3 }],
  ])
  const letters = entries.map(({ messages }) =>
    messages.map(({ value, offset }) => [new TextDecoder().decode(value ?? undefined), offset]),
  )
  expect(letters[0]).toEqual([
    ['{"id":2,"name":"a"}', 0n],
    ['{"id":"2"}', 5n],
  ])
  expect(letters[2]).toEqual([['{"id":3}', 5n]])
  expect(unparseable).toEqual([])
})

test('leaves later messages once the others name enough records', () => {
  const messages = [message('{"ids":[1,2,3]}'), message({ id: 1 }), message({ id: 4 }), message({ id: 5 })]
  const { entries, messages: taken } = parseBatch(messages, never, { limit: 4 })
  expect(entries.map(({ id }) => id)).toEqual(['1', '2', '3', '4'])
  expect(taken).toBe(3)
  expect(parseBatch(messages, never).messages).toBe(4)
})

test('keeps ids beyond 2^53 exact', () => {
  const { entries } = parseBatch([message('{"id":9007199254740993}')], never)
  expect(entries[0]?.id).toBe('9007199254740993')
})

test('skips only delay messages of changes that are already indexed', () => {
  const change = { 'kt-change-id': 'c1' }
  const delayed = { ...change, 'kt-delayed': '1' }
  const isIndexed = (changeId: string, id: string): boolean => changeId === 'c1' && id === '1'
  const batch = parseBatch(
    [
      message({ id: 1 }, { headers: delayed }),
      message({ id: 2 }, { headers: delayed }),
      message({ id: 1 }, { headers: change }),
      message({ id: 1 }, { headers: { 'kt-delayed': '1' } }),
    ],
    isIndexed,
  )
  expect(batch.skipped).toBe(1)
  expect(batch.entries.map(({ id, messages }) => [id, messages.length])).toEqual([
    ['2', 1],
    ['1', 2],
  ])
})

test('accepts any message, and loses none', () => {
  assert(
    property(hostileMessages('cities'), (messages) => {
      const { entries, unparseable, skipped } = parseBatch(messages, never)
      const named = entries.flatMap((entry) => entry.messages)
      expect(new Set([...named, ...unparseable])).toEqual(new Set(messages))
      expect(skipped).toBe(0)
      for (const { id } of entries) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(512)
    }),
    { numRuns: 1_000 },
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('merges references with the names of inherited properties', () => {
  const names = ['__proto__', 'constructor', 'toString']
  for (const name of names) {
    const { entries } = parseBatch(
      [message({ id: 1 }), message(`{"id":1,"references":{"${name}":[1]}}`)],
      never,
    )
    expect(Object.entries(entries[0]?.payload['references'] ?? {})).toEqual([[name, ['1']]])
  }
})

test('a change that has written only columns that no document reads is left out', () => {
  const changing = (id: number, changed?: string): Message =>
    message({ id }, { headers: changed === undefined ? {} : { 'kt-changed': changed } })
  const messages = [changing(1, 'stock,updatedAt'), changing(2, 'stock,name'), changing(3)]
  const { entries, unread } = parseBatch(messages, never, { reads: new Set(['name']) })
  expect(entries.map(({ id }) => id)).toEqual(['2', '3'])
  expect(unread).toBe(1)
  expect(parseBatch(messages, never).entries).toHaveLength(3)
})
