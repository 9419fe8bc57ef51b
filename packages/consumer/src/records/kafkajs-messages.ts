import type { Batch, KafkaMessage } from 'kafkajs'
import type { FetchedMessages } from './fetched-messages.ts'
import { KafkajsMessage } from './kafkajs-message.ts'

/** What a message takes beside its bytes, as objects of kafkajs, in bytes: measured. */
const overheadBytes = 500

/** A batch that kafkajs has decoded. */
export class KafkajsMessages implements FetchedMessages {
  readonly bytes: number
  readonly #batch: Batch

  constructor(batch: Batch) {
    this.#batch = batch
    this.bytes = batch.messages.reduce((bytes, message) => bytes + sizeOf(message), 0)
  }

  get length(): number {
    return this.#batch.messages.length
  }

  slice(from?: number, to?: number): KafkajsMessage[] {
    const { topic, partition, messages } = this.#batch
    return messages.slice(from, to).map((message) => new KafkajsMessage(topic, partition, message))
  }
}

function sizeOf({ key, value }: KafkaMessage): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + overheadBytes
}
