import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { fetchResponse, recordBatch } from '../../test/support/fetch-response-bytes.ts'
import { decodeFetchResponse } from './fetch-response.ts'
import { RecordMessages } from './record-messages.ts'

/** Batches with so many records each; each record's value is its number. */
async function messagesOf(counts: readonly number[]): Promise<RecordMessages> {
  let number = 0
  const batches = counts.map((count) => {
    const firstOffset = number
    const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.from(String(number++)) }))
    return recordBatch({ firstOffset, attributes: 0, records })
  })
  const [partition] = (await decodeFetchResponse(fetchResponse([Buffer.concat(batches)]))).partitions
  return partition?.messages ?? new RecordMessages()
}

const values = (messages: RecordMessages, from?: number, to?: number): number[] =>
  messages.slice(from, to).map(({ value }) => Number(value))

it('any part is what that part of all of them is, however the batches are cut, and empty ones among them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { maxLength: 12 }),
      fc.nat(50),
      fc.nat(50),
      async (counts, from, to) => {
        const messages = await messagesOf(counts)
        const all = Array.from({ length: messages.length }, (_, index) => index)
        expect(messages.length).toBe(counts.reduce((sum, count) => sum + count, 0))
        expect(values(messages)).toEqual(all)
        expect(values(messages, from, to)).toEqual(all.slice(from, to))
        expect(messages.at(from)?.offset).toBe(all[from] === undefined ? undefined : BigInt(from))
      },
    ),
  )
})
