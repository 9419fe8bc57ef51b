import type {
  BatchContext,
  ConsumeOptions,
  Consumption,
  Message,
  MessageConsumer,
  MessageHandler,
  Pause,
} from '@kt/core'

/** Passes a handler the messages that a test provides. */
export class MemoryConsumer implements MessageConsumer {
  options: ConsumeOptions | undefined
  closes = 0
  settings: Record<string, string> = { 'message.timestamp.type': 'LogAppendTime' }
  #handler: MessageHandler | undefined

  consume(options: ConsumeOptions, handler: MessageHandler): Promise<Consumption> {
    this.options = options
    this.#handler = handler
    const close = (): Promise<void> => Promise.resolve(void (this.closes += 1))
    return Promise.resolve({
      close,
      whenCaughtUp: () => Promise.resolve(),
      lag: () => Promise.resolve(7n),
      isReady: () => true,
      ends: () => Promise.resolve(new Map()),
      [Symbol.asyncDispose]: close,
    })
  }

  topicSettings(): Promise<Record<string, string>> {
    return Promise.resolve(this.settings)
  }

  async handle(messages: readonly Message[], context: Partial<BatchContext> = {}): Promise<Pause | void> {
    const { signal } = new AbortController()
    return this.#handler?.(messages, { topic: 'delay_5m', partition: 0, attempt: 1, signal, ...context })
  }
}
