import type { KafkaMessage } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { FetchedMessage } from './fetched-message.ts'

const source: KafkaMessage = {
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  timestamp: '1700000000123',
  offset: '9007199254740993',
  attributes: 0,
  headers: {},
}

const headersOf = (headers: KafkaMessage['headers']): Readonly<Record<string, string>> =>
  new FetchedMessage('topic', 1, Object.assign({ ...source }, { headers })).headers

describe('FetchedMessage', () => {
  it("has the fields of kafkajs's message, offsets beyond 2^53 exactly", () => {
    const message = new FetchedMessage('topic', 1, Object.freeze(source))
    expect(message).toMatchObject({ topic: 'topic', partition: 1, key: 'k', headers: {} })
    expect(message.value).toEqual(Buffer.from('v'))
    expect(message.timestampMs).toBe(1_700_000_000_123)
    expect(message.offset).toBe(9_007_199_254_740_993n)
  })

  it('has null for a missing key or value', () => {
    const message = new FetchedMessage('topic', 1, { ...source, key: null, value: null })
    expect(message).toMatchObject({ key: null, value: null })
  })

  it('has the first value of each header, and leaves out those without one', () => {
    const twice = [Buffer.from('first'), Buffer.from('second')]
    expect(headersOf({ a: Buffer.from('once'), b: twice, c: undefined })).toEqual({ a: 'once', b: 'first' })
    expect(headersOf(undefined)).toEqual({})
  })

  it.each(['toString', 'constructor', '__proto__'])('has a header named %s', (name) => {
    // As kafkajs decodes it, with the inherited property first.
    const inherited = Reflect.get({}, name) as Buffer
    const headers = Object.fromEntries([[name, [inherited, Buffer.from('value')]]])
    expect(Object.entries(headersOf(headers))).toEqual([[name, 'value']])
  })
})
