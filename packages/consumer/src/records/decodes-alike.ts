import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import { decodeFetchResponse } from './fetch-response.ts'
import type { KafkajsResponse } from './fetch-response.ts'

interface KafkajsBatch {
  readonly messages: readonly object[]
}

type BatchClass = new (topic: string | null, offset: string, partition: object) => KafkajsBatch

const require = createRequire(import.meta.url)

/** Whether we make the same of a response as `own`, which is kafkajs's, and kafkajs sees the same in both. */
export async function decodesAlike(
  bytes: Buffer,
  own: (bytes: Buffer) => Promise<unknown>,
): Promise<boolean> {
  try {
    const { response } = await decodeFetchResponse(bytes)
    const expected = (await own(bytes)) as KafkajsResponse
    // The batches first: kafkajs is the first to look at our records, too.
    return (
      isDeepStrictEqual(batchesOf(response), batchesOf(expected)) && isDeepStrictEqual(response, expected)
    )
  } catch {
    return false
  }
}

/** What kafkajs hands to its users, and what they may find in it. */
function batchesOf({ responses }: KafkajsResponse): object[] {
  const BatchOf = require('kafkajs/src/consumer/batch') as BatchClass
  return responses.flatMap(({ topicName, partitions }) =>
    partitions.map((partition) => {
      const batch = new BatchOf(topicName, partition.messages[0]?.offset ?? '0', partition)
      return { batch, everySecond: batch.messages.filter((_, index) => index % 2 === 0) }
    }),
  )
}
