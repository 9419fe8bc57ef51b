import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import type { Batch, KafkaMessage } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { checkedDecode, fetchedMessages } from './fetch-decoding.ts'
import { decodeFetchResponse } from './fetch-response.ts'
import { KafkajsMessage } from './kafkajs-message.ts'
import { RecordMessage } from './record-message.ts'
import { responseSample } from './response-sample.ts'
import { fetchResponse, recordBatch } from '../../test/support/fetch-response-bytes.ts'
import type { RecordInput } from '../../test/support/fetch-response-bytes.ts'

interface Response {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: KafkaMessage[] }[] }[]
}
const { decode: kafkajsDecode } = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/response',
) as { decode: (bytes: Buffer) => Promise<Response> }

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)))
/** kafkajs takes a method that all objects have for a former header of that name. */
const headerName = fc.string({ unit: 'grapheme' }).filter((name) => !(name in Object.prototype))
const record: fc.Arbitrary<RecordInput> = fc.record({
  key: bytes,
  value: bytes,
  timestampDelta: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  headers: fc.array(fc.tuple(headerName, bytes), { maxLength: 3 }),
})
const batch = fc
  .record({
    firstOffset: fc.integer({ min: 0, max: 2 ** 50 }),
    attributes: fc.constantFrom(0, 1, 0x8, 0x10, 0x30),
    records: fc.array(record, { maxLength: 5 }),
  })
  .map(recordBatch)

/** The one array of messages of a response: by its identity ours are found. */
function messagesIn(response: Response): KafkaMessage[] {
  return response.responses[0]?.partitions[0]?.messages ?? []
}

/** What a handler sees of a message. */
function seen({
  topic,
  partition,
  offset,
  key,
  value,
  headers,
  timestampMs,
}: KafkajsMessage | RecordMessage) {
  return { topic, partition, offset, key, value, headers, timestampMs }
}

describe('a decoded response', () => {
  it('is what kafkajs makes of it, whatever it holds, also where a fetch was cut off', async () => {
    const responses = fc.array(fc.array(batch, { maxLength: 4 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(responses, fc.nat({ max: 60 }), fc.boolean(), async (partitions, cut, hasAborted) => {
        const response = fetchResponse(
          partitions.map((batches) => Buffer.concat(batches)),
          { cut, hasAborted },
        )
        const { response: ours } = await decodeFetchResponse(response)
        expect(ours).toStrictEqual(await kafkajsDecode(response))
      }),
    )
  })

  it('has messages that tell what those of kafkajs tell', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 4 }), async (batches) => {
        const { partitions } = await decodeFetchResponse(fetchResponse([Buffer.concat(batches)]))
        for (const { records, messages } of partitions) {
          const expected = records.map((each) => seen(new KafkajsMessage('topic', 0, each)))
          expect(messages.slice().map(seen)).toStrictEqual(expected)
        }
      }),
    )
  })
})

describe('headers that are called as methods of all objects are', () => {
  it.each(['toString', 'constructor', 'hasOwnProperty'])('are read as any other: %s', async (name) => {
    const named = { key: null, value: null, headers: [toBytes([name, 'a']), toBytes(['other', 'b'])] }
    const response = fetchResponse([recordBatch({ firstOffset: 7, attributes: 0, records: [named] })])
    const { partitions } = await decodeFetchResponse(response)
    expect(partitions[0]?.messages.at(0)?.headers).toEqual({ [name]: 'a', other: 'b' })
    expect(partitions[0]?.records[0]?.headers).toEqual({ [name]: Buffer.from('a'), other: Buffer.from('b') })
  })
})

describe('the headers of messages that follow each other', () => {
  const same = [
    ['a', 'same'],
    ['b', 'other'],
    ['a', 'again'],
  ]
  const kinds = [[], [['a', 'same']], [['a', 'some']], [['a', 'same1']], [['b', 'same']], same]
  const header = fc.constantFrom(...kinds).map((pairs) => pairs.map(toBytes))
  const records = fc.array(
    fc.record({ key: fc.constant(null), value: bytes, headers: header }) as fc.Arbitrary<RecordInput>,
    { minLength: 1, maxLength: 12 },
  )

  it('are those of each, however many are the same, in whatever order they are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.boolean(), async (batchOf, isBackwards) => {
        const response = fetchResponse([recordBatch({ firstOffset: 7, attributes: 0, records: batchOf })])
        const { partitions } = await decodeFetchResponse(response)
        const raw = partitions[0]?.records ?? []
        const messages = partitions[0]?.messages.slice() ?? []
        const expected = raw.map((each) => new KafkajsMessage('topic', 0, each).headers)
        const asked = isBackwards ? messages.toReversed() : messages
        const found = asked.map(({ headers }) => headers)
        expect(isBackwards ? found.toReversed() : found).toStrictEqual(expected)
        // A batch is asked more than once.
        expect(messages.map(({ headers }) => headers)).toStrictEqual(expected)
      }),
    )
  })

  it('cannot be changed by whoever has one of them', async () => {
    const alike = { key: null, value: null, headers: [toBytes(['a', 'same'])] }
    const response = fetchResponse([recordBatch({ firstOffset: 7, attributes: 0, records: [alike, alike] })])
    const { partitions } = await decodeFetchResponse(response)
    const [first, second] = partitions[0]?.messages.slice() ?? []
    expect(() => Object.assign(first?.headers ?? {}, { a: 'changed' })).toThrow(TypeError)
    expect(second?.headers).toEqual({ a: 'same' })
  })
})

function toBytes([name = '', value = '']: readonly string[]): [string, Buffer] {
  return [name, Buffer.from(value)]
}

describe('decoding in place of kafkajs', () => {
  const plain = fetchResponse([
    recordBatch({ firstOffset: 7, attributes: 0, records: [{ key: null, value: Buffer.from('a') }] }),
  ])
  const compressed = fetchResponse([
    recordBatch({ firstOffset: 7, attributes: 1, records: [{ key: null, value: Buffer.from('a') }] }),
  ])

  it('is checked once for each kind of batch', async () => {
    const own = vi.fn(kafkajsDecode)
    const decode = checkedDecode(own)
    for (const response of [plain, plain, compressed, plain, compressed]) {
      const [message] = messagesIn((await decode(response)) as Response)
      expect(message?.value?.toString()).toBe('a')
    }
    expect(own).toHaveBeenCalledTimes(2)
  })

  it('is given up as soon as kafkajs makes something else of a response', async () => {
    const own = vi.fn(async (response: Buffer) => ({ ...(await kafkajsDecode(response)), more: 1 }))
    const decode = checkedDecode(own)
    expect(await decode(plain)).toHaveProperty('more', 1)
    expect(await decode(plain)).toHaveProperty('more', 1)
  })

  it.each([
    ['a message set of before Kafka 0.11', 16, 1],
    ['an offset beyond 2^53', 0, 0x7f],
  ])('leaves %s to kafkajs', async (_, at, byte) => {
    const records = recordBatch({ firstOffset: 7, attributes: 0, records: [] })
    records[at] = byte
    const decode = checkedDecode(() => Promise.resolve('kafkajs'))
    expect(await decode(fetchResponse([records]))).toBe('kafkajs')
  })

  it('leaves a codec that nobody has registered to kafkajs, whose error tells so', async () => {
    const response = fetchResponse([recordBatch({ firstOffset: 7, attributes: 4, records: [] })])
    await expect(checkedDecode(kafkajsDecode)(response)).rejects.toThrow('ZSTD')
  })
})

describe('the sample of a response that is compared', () => {
  const records = (count: number) =>
    Array.from({ length: count }, () => ({ key: null, value: Buffer.from('a') }))
  const ofKind = (attributes: number, firstOffset: number) =>
    recordBatch({ firstOffset, attributes, records: records(1_000) })
  const response = fetchResponse([
    Buffer.concat([ofKind(0, 0), ofKind(0, 1_000)]),
    Buffer.concat([ofKind(0, 0), ofKind(1, 1_000)]),
  ])

  it('has the first records of the first batch of each kind that is asked for', async () => {
    const sample = await kafkajsDecode(responseSample(response, [0, 1]))
    const offsets = sample.responses.flatMap(({ partitions }) =>
      partitions.map(({ messages }) => messages.map(({ offset }) => Number(offset))),
    )
    expect(offsets[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    // The compressed one can't be cut off.
    expect([offsets[1]?.length, offsets[1]?.[0]]).toEqual([1_000, 1_000])
  })

  it('is otherwise the response', async () => {
    const whole = fetchResponse([recordBatch({ firstOffset: 0, attributes: 0, records: records(10) })])
    expect(responseSample(whole, [0])).toEqual(whole)
    const nothing = await kafkajsDecode(responseSample(response, []))
    const left = await kafkajsDecode(fetchResponse([Buffer.alloc(0), Buffer.alloc(0)]))
    expect(nothing).toEqual(left)
  })
})

describe('the messages of a batch', () => {
  const records = [1, 2].map((number) => ({ key: null, value: Buffer.from(String(number)) }))
  const response = fetchResponse([recordBatch({ firstOffset: 7, attributes: 0, records })])
  const batchOf = (rawMessages: KafkaMessage[], messages = rawMessages): Batch =>
    ({ topic: 'topic', partition: 0, rawMessages, messages }) as unknown as Batch

  it('are ours', async () => {
    const decoded = (await checkedDecode(kafkajsDecode)(response)) as Response
    const messages = fetchedMessages(batchOf(messagesIn(decoded))).slice()
    expect(messages.map((message) => message instanceof RecordMessage)).toEqual([true, true])
    expect(messages.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [7n, '1'],
      [8n, '2'],
    ])
  })

  it('are those that kafkajs has left, where it left some out', async () => {
    const all = messagesIn((await checkedDecode(kafkajsDecode)(response)) as Response)
    expect(
      fetchedMessages(batchOf(all, all.slice(1)))
        .slice()
        .map(({ offset }) => offset),
    ).toEqual([8n])
  })

  it('are those of kafkajs where it has decoded them', async () => {
    const all = messagesIn(await kafkajsDecode(response))
    expect(
      fetchedMessages(batchOf(all))
        .slice()
        .map(({ offset }) => offset),
    ).toEqual([7n, 8n])
  })
})
