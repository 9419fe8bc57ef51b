import { createRequire } from 'node:module'
import type { Batch, KafkaMessage } from 'kafkajs'
import { decodesAlike } from './decodes-alike.ts'
import { decodeFetchResponse } from './fetch-response.ts'
import type { FetchedMessages } from './fetched-messages.ts'
import { KafkajsMessages } from './kafkajs-messages.ts'
import { responseSample } from './response-sample.ts'

type Decode = (bytes: Buffer) => Promise<unknown>

/** How kafkajs decodes a response; it looks it up for each. */
interface ResponseDecoder {
  decode: Decode
}

const messagesOf = new WeakMap<object, FetchedMessages>()
const replaced = new WeakSet<object>()

/**
 * Has responses to fetches decoded by us: kafkajs 2.2.4 makes a dozen objects and big integers for each record, which was
 * a sixth of what indexing it cost, and most of the memory that a waiting message took. Other consumers of this process
 * get what they always got.
 *
 * Ours is taken only for kinds of batches for which it once had the very same result as kafkajs's own decoder.
 */
export function replaceFetchDecoding(): void {
  const decoder = responseDecoder()
  if (!decoder || replaced.has(decoder)) return
  replaced.add(decoder)
  decoder.decode = checkedDecode(decoder.decode)
}

/** The messages of a batch. */
export function fetchedMessages(
  batch: Batch & { readonly rawMessages?: readonly KafkaMessage[] },
): FetchedMessages {
  const messages = batch.rawMessages && messagesOf.get(batch.rawMessages)
  // Where kafkajs has left some out, from before the offset or of aborted transactions, its own are what remains.
  if (messages?.length === batch.messages.length) return messages
  return new KafkajsMessages(batch)
}

/** Decodes like `own`, which is kafkajs's: by itself for as long as it comes to the same. */
export function checkedDecode(own: Decode): Decode {
  const checked = new Set<number>()
  let differs = false
  return async (bytes) => {
    if (differs) return own(bytes)
    const decoded = await decodeFetchResponse(bytes).catch(() => undefined)
    if (decoded === undefined) return own(bytes)
    const { response, kinds, partitions } = decoded
    const unchecked = [...kinds].filter((kind) => !checked.has(kind))
    if (unchecked.length > 0) {
      if (!(await decodesAlike(responseSample(bytes, unchecked), own))) differs = true
      if (differs) return own(bytes)
      for (const kind of unchecked) checked.add(kind)
    }
    for (const { records, messages } of partitions) messagesOf.set(records, messages)
    return response
  }
}

/** What kafkajs decodes responses of version 11 with; undefined when a later kafkajs has it elsewhere. */
function responseDecoder(): ResponseDecoder | undefined {
  try {
    const found = createRequire(import.meta.url)(
      'kafkajs/src/protocol/requests/fetch/v11/response',
    ) as Partial<ResponseDecoder>
    return typeof found.decode === 'function' ? (found as ResponseDecoder) : undefined
  } catch {
    return undefined
  }
}
