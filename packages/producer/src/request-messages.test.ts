import { createRequire } from 'node:module'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  option,
  oneof,
  record,
  string,
  uint8Array,
} from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { OutgoingMessage } from './outgoing-message.ts'
import { partitioner } from './partitioner.ts'
import { PendingCall } from './pending-call.ts'
import { RequestMessages } from './request-messages.ts'
import type { KnownEncoder } from './request-messages.ts'

type Groups = Record<string, OutgoingMessage[]>
type GroupMessages = (input: {
  topic: string
  messages: OutgoingMessage[]
  partitionMetadata: unknown
  partitioner: unknown
}) => Groups
type ProduceRequest = (input: { acks: number; timeout: number; topicData: unknown }) => {
  encode(): Promise<{ buffer: Buffer }>
}

// What kafkajs really does with the messages that it is given.
const load = createRequire(import.meta.url)
const groupMessages = load('kafkajs/src/producer/groupMessagesPerPartition') as GroupMessages
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object
const produceRequest = load('kafkajs/src/protocol/requests/produce/v7/request') as ProduceRequest

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const topic = 'cities'
const partitionMetadata = [0, 1, 2].map((partitionId) => ({ partitionId, leader: 1 }))
const anyText = oneof(
  string(),
  string({ unit: 'binary' }),
  constantFrom('', 'é'.repeat(60), 'x'.repeat(3_000)),
)
const anyMessage = record({
  value: oneof(option(anyText), uint8Array()),
  // A key decides for a partition, so that both ways of sending choose the same.
  key: anyText,
  headers: dictionary(anyText, anyText, { maxKeys: 3 }),
})

function group(messages: OutgoingMessage[]): Groups {
  return groupMessages({ topic, messages, partitionMetadata, partitioner: partitioner() })
}

async function request(groups: Groups): Promise<Buffer> {
  const partitions = Object.entries(groups).map(([partition, messages]) => ({
    partition: Number(partition),
    messages,
    firstSequence: 0,
  }))
  const encoder = await produceRequest({
    acks: -1,
    timeout: 1_000,
    topicData: [{ topic, partitions }],
  }).encode()
  return encoder.buffer
}

test('a request has the same bytes as one that kafkajs makes alone', async () => {
  // As in a client, the first request is looked at, and none after it.
  const encoder: KnownEncoder = {}
  await assert(
    asyncProperty(array(anyMessage, { maxLength: 30 }), async (fields) => {
      const messages = fields.map(
        ({ value, ...options }) => new OutgoingMessage(value, { topic, ...options }, new PendingCall(topic)),
      )
      const groups = group(RequestMessages.holding(messages, encoder))
      expect(Object.fromEntries(Object.entries(groups).map(([key, list]) => [key, [...list]]))).toEqual(
        group(messages),
      )
      expect((await request(groups)).equals(await request(group(messages)))).toBe(true)
    }),
    { numRuns: 300 },
  )
  expect(encoder.source).toBeDefined()
})

test('kafkajs encodes the first message of a client, and no other', () => {
  const encoder: KnownEncoder = {}
  const encoded: OutgoingMessage[] = []
  const encode = (message: OutgoingMessage, offsetDelta: number) => {
    encoded.push(message)
    const { key, value, headers } = message
    return encodeRecord({ key, value, headers, offsetDelta, timestampDelta: 0 })
  }
  const [first, ...others] = ['1', '2', '3', '4'].map(
    (value) => new OutgoingMessage(value, { topic, key: 'a' }, new PendingCall(topic)),
  ) as [OutgoingMessage, ...OutgoingMessage[]]
  for (const messages of [[first], others])
    for (const partition of Object.values(group(RequestMessages.holding(messages, encoder))))
      expect(partition.map(encode)).toHaveLength(messages.length)
  expect(encoded).toEqual([first])
})

test('a record is long, and there are many', async () => {
  const messages = Array.from(
    { length: 20_000 },
    (_, index) => new OutgoingMessage('v'.repeat(index % 200), { topic, key: 'a' }, new PendingCall(topic)),
  )
  const groups = group(RequestMessages.holding(messages, {}))
  expect(
    (await request(groups)).equals(await request({ ...groups, [messages[0]?.assigned ?? 0]: messages })),
  ).toBe(true)
})

test('with what it does not know it does what an array does, also after it has encoded', async () => {
  const encoder: KnownEncoder = {}
  const known = new OutgoingMessage('1', { topic }, new PendingCall(topic))
  await request(group(RequestMessages.holding([known], encoder)))
  expect(encoder.source).toBeDefined()
  const messages = ['1', '2', '3'].map(
    (value) => new OutgoingMessage(value, { topic }, new PendingCall(topic)),
  )
  const sent = RequestMessages.holding(messages, encoder)
  expect(sent.reduce((text, { value }) => text + String(value), '')).toBe('123')
  expect(sent.map(({ value }) => value)).toEqual(['1', '2', '3'])
  const [partition] = Object.values(group(sent))
  const bytes = Buffer.from('some other format')
  const made = partition?.map(({ value }) => ({ buf: bytes, buffer: bytes, value }))
  expect(made?.map(({ value }) => value)).toEqual([...(partition ?? [])].map(({ value }) => value))
})

test('what a caller does to the headers afterwards does not reach the message', async () => {
  const headers: Record<string, string> = { number: '1' }
  const one = new OutgoingMessage('x', { topic, key: 'a', headers }, new PendingCall(topic))
  headers['number'] = '2 and more than before'
  headers['another'] = '3'
  const same = new OutgoingMessage('x', { topic, key: 'a', headers: { number: '1' } }, new PendingCall(topic))
  const encoded = async (message: OutgoingMessage): Promise<Buffer> =>
    request(group(RequestMessages.holding([message], {})))
  expect(await encoded(one)).toEqual(await encoded(same))
})
