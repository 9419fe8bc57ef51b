import { expect, test } from 'vitest'
import type { Message } from '../ports/message.ts'
import { decodeOrigins, encodeOrigins, originsOf } from './origins.ts'

function message(offset: bigint, origins?: string): Message {
  const headers = origins === undefined ? {} : { 'kt-origins': origins }
  return { topic: 'cities', partition: 1, offset, key: null, value: null, headers, timestampMs: 0 }
}

test('a batch has the range of its messages as origin', () => {
  expect(encodeOrigins(originsOf([message(5n), message(7n), message(6n)]))).toBe('cities/1/5-7')
})

test('a message of a cascade passes its origins on', () => {
  const origins = encodeOrigins(originsOf([message(9n, 'a.b/0/1-2,c/3/4-4'), message(8n, 'c/3/4-4')]))
  expect(origins).toBe('a.b/0/1-2,c/3/4-4')
})

test('many origins are combined by partition, and none is lost', () => {
  const many = Array.from({ length: 40 }, (_, index) => message(0n, `c/${index % 2}/${index}-${index}`))
  expect(encodeOrigins(originsOf(many))).toBe('c/0/0-38,c/1/1-39')
})

test('what is no origin is skipped', () => {
  expect(encodeOrigins(decodeOrigins('x,/1/2-3,a/1/2,a/1/2-3,a/1/2-x'))).toBe('a/1/2-3')
  expect(decodeOrigins(undefined)).toEqual([])
})
