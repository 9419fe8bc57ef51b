import { encodeDelayMessage, encodePayload, headerNames } from '@kt/core'
import type { MessageProducer } from '@kt/core'
import type { OutgoingChange } from './change.ts'
import type { ChangeLog } from './change-log.ts'

/** Turns changes into messages: a batch per chunk of a log, one chunk after the other. */
export class MessageSender {
  readonly #producer: MessageProducer

  constructor(producer: MessageProducer) {
    this.#producer = producer
  }

  /** Resolves when Kafka has acknowledged all of them. */
  async sendDelays(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    await this.#send(log, changeId, ({ delayTopic, topic, payload }) => ({
      topic: delayTopic,
      value: encodeDelayMessage({ payload, topic, createdAtMs: Date.now() }),
    }))
  }

  /** Resolves when Kafka has acknowledged all of them. */
  async sendInstants(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    await this.#send(log, changeId, ({ topic, payload }) => ({ topic, value: encodePayload(payload) }))
  }

  async #send(
    log: ChangeLog<unknown>,
    changeId: string,
    encode: (change: OutgoingChange) => { topic: string; value: string },
  ): Promise<void> {
    let index = 0
    for (const chunk of log.chunks())
      await this.#producer.batch((batch) => {
        for (const change of chunk) {
          const { topic, value } = encode(change)
          // One id per record: both kinds of messages go over the same log, so they agree on it.
          const headers = { [headerNames.changeId]: `${changeId}.${index++}` }
          batch.produce(value, { topic, key: change.key, headers })
        }
      })
  }
}
