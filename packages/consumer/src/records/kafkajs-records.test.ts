import { createRequire } from 'node:module'
import type { Batch, KafkaMessage } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { fetchResponse, recordBatch } from '../../test/support/fetch-response-bytes.ts'
import { decodeFetchResponse } from './fetch-response.ts'
import { kafkajsRecords } from './kafkajs-records.ts'
import { RecordMessage } from './record-message.ts'
import { RecordMessages } from './record-messages.ts'

const BatchOf = createRequire(import.meta.url)('kafkajs/src/consumer/batch') as new (
  topic: string,
  fetchedOffset: string,
  partition: object,
) => Batch

const count = 7

async function fetchedMessages(): Promise<RecordMessages> {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(String(index)),
  }))
  const response = fetchResponse([recordBatch({ firstOffset: 3, attributes: 0, records })])
  const [partition] = (await decodeFetchResponse(response)).partitions
  return partition?.messages ?? new RecordMessages()
}

async function batchFrom(fetchedOffset: number): Promise<Batch> {
  const messages = kafkajsRecords(await fetchedMessages())
  return new BatchOf('topic', String(fetchedOffset), { partition: 0, highWatermark: '10', messages })
}

function offsets(messages: readonly KafkaMessage[]): number[] {
  return messages.map(({ offset }) => Number(offset))
}

describe('the records that kafkajs gets', () => {
  it('are not made for what kafkajs itself asks', async () => {
    const made = vi.spyOn(RecordMessage.prototype, 'toKafkajs')
    const batch = await batchFrom(3)
    expect([batch.isEmpty(), batch.firstOffset(), batch.lastOffset(), batch.offsetLag()]).toEqual([
      false,
      '3',
      '9',
      '0',
    ])
    expect(made).toHaveBeenCalledTimes(2)
  })

  it('are all there when somebody looks', async () => {
    const { messages } = await batchFrom(3)
    expect(messages).toHaveLength(count)
    expect(offsets(messages)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect(messages[1]?.value?.toString()).toBe('1')
    expect(messages[0]).toBe(messages.at(0))
    expect([...messages.keys(), messages.indexOf(messages[6] as KafkaMessage)]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 6,
    ])
    expect(Array.isArray(messages)).toBe(true)
  })

  it('are filtered as anybody wishes', async () => {
    const { messages } = await batchFrom(3)
    expect(offsets(messages.filter((_, index) => index % 3 === 0))).toEqual([3, 6, 9])
  })

  it('can be changed as an array can', async () => {
    const { messages } = await batchFrom(3)
    messages.splice(1, count - 2)
    expect(offsets(messages)).toEqual([3, 9])
    messages.length = 0
    expect([0 in messages, Object.keys(messages)]).toEqual([false, []])
  })

  it('begin with the fetched offset, though the fetch has brought what lies before it', async () => {
    expect(offsets((await batchFrom(6)).messages)).toEqual([6, 7, 8, 9])
  })
})
