import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

export interface SentMessage extends ProduceOptions {
  readonly value: string
}

export type Observer = (messages: readonly SentMessage[]) => void | Promise<void>

/** Passes batches to a real producer and records them. `before` may read the database or throw. */
export class RecordingProducer implements MessageProducer {
  readonly sent: SentMessage[] = []
  before: Observer = () => undefined
  readonly #target: MessageProducer | undefined

  constructor(target?: MessageProducer) {
    this.#target = target
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    await this.batch((batch) => batch.produce(value, options))
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    const messages: SentMessage[] = []
    const result = await fill({
      produce: (value, options) => void messages.push({ ...options, value: String(value) }),
    })
    await this.before(messages)
    await this.#target?.batch((batch) => {
      for (const { value, ...options } of messages) batch.produce(value, options)
    })
    this.sent.push(...messages)
    return result
  }

  /** Returns the messages sent since the last call. */
  take(): readonly SentMessage[] {
    return this.sent.splice(0)
  }
}
