import { silentLogger } from '@kt/core'
import type {
  BatchContext,
  ConsumeOptions,
  Consumption,
  Logger,
  LogFields,
  Message,
  MessageBatch,
  MessageConsumer,
  MessageHandler,
  MessageProducer,
  Meter,
  ProduceOptions,
} from '@kt/core'
import type { BulkClient } from '@kt/indexer'

/** Builds a message of the topic `cities`. */
export function message(
  value: unknown,
  { headers = {}, offset = 0n }: { headers?: { readonly [name: string]: string }; offset?: bigint } = {},
): Message {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return {
    topic: 'cities',
    partition: 0,
    offset,
    key: null,
    value: new TextEncoder().encode(text),
    headers,
    timestampMs: 0,
  }
}

/** A consumer whose batches come from the test. */
export class FakeConsumer implements MessageConsumer {
  options: ConsumeOptions | undefined
  closed = 0
  #handler: MessageHandler | undefined

  consume(options: ConsumeOptions, handler: MessageHandler): Promise<Consumption> {
    this.options = options
    this.#handler = handler
    const close = (): Promise<void> => {
      this.closed += 1
      return Promise.resolve()
    }
    return Promise.resolve({
      whenCaughtUp: () => Promise.resolve(),
      lag: () => Promise.resolve(7n),
      isReady: () => true,
      ends: () => Promise.resolve(new Map()),
      close,
      [Symbol.asyncDispose]: close,
    })
  }

  async deliver(
    messages: readonly Message[],
    context: Partial<BatchContext> = {},
  ): ReturnType<MessageHandler> {
    if (this.#handler === undefined) throw new Error('nobody consumes')
    const signal = new AbortController().signal
    return this.#handler(messages, { topic: 'cities', partition: 0, attempt: 1, signal, ...context })
  }
}

export interface SentOperation {
  readonly kind: 'index' | 'delete'
  readonly action: { readonly _id: string; readonly [name: string]: unknown }
  readonly document?: unknown
}

type Answer = { readonly status: number; readonly type?: string } | undefined

/** A search engine that accepts everything except as `answer` says, and records its requests. */
export class FakeEngine implements BulkClient {
  readonly requests: (readonly SentOperation[])[] = []
  /** Which of the requests only asked whether anything failed. */
  readonly brief: boolean[] = []
  answer: (operation: SentOperation, request: number) => Answer
  /** Called before each request is answered. Throw to make it fail. */
  before: (operations: readonly SentOperation[], request: number) => void | Promise<void> = () => undefined

  constructor(answer: FakeEngine['answer'] = () => undefined) {
    this.answer = answer
  }

  /** All operations that were sent, except the probe. */
  get sent(): readonly SentOperation[] {
    return this.requests.flat().filter(({ action }) => action._id !== '.kt-probe')
  }

  get ids(): readonly (readonly string[])[] {
    return this.requests.map((operations) => operations.map(({ action }) => action._id))
  }

  async bulk(params: { operations: string; filter_path: string }): Promise<object> {
    const operations = parse(params.operations)
    const brief = params.filter_path === 'errors'
    this.requests.push(operations)
    this.brief.push(brief)
    const request = this.requests.length
    await this.before(operations, request)
    const items = operations.map((operation) => {
      const { status, type } = this.answer(operation, request) ?? { status: 200 }
      return { [operation.kind]: { status, ...(type !== undefined && { error: { type } }) } }
    })
    const errors = items.some((item) => Object.values(item).some(({ status }) => status >= 300))
    return brief ? { errors } : { errors, items }
  }
}

function parse(body: string): readonly SentOperation[] {
  const operations: SentOperation[] = []
  const rest = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { index?: SentOperation['action'] })
  while (rest.length > 0) {
    const { index, delete: remove } = rest.shift() as { [kind: string]: SentOperation['action'] }
    if (index !== undefined) operations.push({ kind: 'index', action: index, document: rest.shift() })
    else if (remove !== undefined) operations.push({ kind: 'delete', action: remove })
  }
  return operations
}

/** Builds an error as the clients throw it when a whole request fails. */
export function responseError(statusCode: number, type?: string): Error {
  return Object.assign(new Error('secret'), { statusCode, body: { error: { type } } })
}

/** A producer that records its messages. */
export class FakeProducer implements MessageProducer {
  readonly sent: ({ readonly value: string | Uint8Array | null } & ProduceOptions)[] = []

  produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    this.sent.push({ value, ...options })
    return Promise.resolve()
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    return fill({ produce: (value, options) => void this.sent.push({ value, ...options }) })
  }
}

/** A meter that adds up its counters by name and outcome, and records the other values. */
export class FakeMeter implements Meter {
  readonly counts: { [name: string]: number } = {}
  readonly values: { [name: string]: number[] } = {}

  add(name: string, value: number, labels: { readonly outcome?: string | number } = {}): void {
    const key = labels.outcome === undefined ? name : String(labels.outcome)
    this.counts[key] = (this.counts[key] ?? 0) + value
  }

  record(name: string, value: number): void {
    ;(this.values[name] ??= []).push(value)
  }
}

/** A logger that records its lines as text, and the errors separately as well. */
export function memoryLogger(): {
  readonly logger: Logger
  readonly lines: string[]
  readonly errors: string[]
} {
  const lines: string[] = []
  const errors: string[] = []
  const warn = (message: string, fields?: LogFields): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const error = (message: string, fields?: LogFields): void => {
    warn(message, fields)
    errors.push(`${message} ${JSON.stringify(fields)}`)
  }
  return { logger: { ...silentLogger, warn, error }, lines, errors }
}
