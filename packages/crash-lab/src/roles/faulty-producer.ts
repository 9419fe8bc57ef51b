import type { KeyPartitioner, MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'
import type { FaultPoint } from '../harness/fault-points.ts'
import type { FaultInjector } from './fault-injector.ts'

/** The first part of the names of a request's fault points. */
type Errand = 'delay' | 'instant' | 'resend' | 'cascade'

interface Draft {
  readonly value: string | Uint8Array | null
  readonly options: ProduceOptions
}

/** A producer that passes fault points before a request, during it, and after its acknowledgement. */
export class FaultyProducer implements MessageProducer {
  readonly #inner: Required<MessageProducer>
  readonly #faults: FaultInjector
  readonly #errandOf: (topic: string) => Errand

  /** @param errandOf the purpose of a topic's messages. All messages of one batch have the same purpose. */
  constructor(inner: Required<MessageProducer>, faults: FaultInjector, errandOf: (topic: string) => Errand) {
    this.#inner = inner
    this.#faults = faults
    this.#errandOf = errandOf
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    await this.batch((batch) => batch.produce(value, options))
  }

  keyPartitioner(topic: string): Promise<KeyPartitioner> {
    return this.#inner.keyPartitioner(topic)
  }

  ensureTopic(topic: string): Promise<void> {
    return this.#inner.ensureTopic(topic)
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    const drafts: Draft[] = []
    const result = await fill({ produce: (value, options) => void drafts.push({ value, options }) })
    const [first] = drafts
    if (first === undefined) return result
    const errand = this.#errandOf(first.options.topic)
    const pass = (stage: 'unsent' | 'in-flight' | 'acked'): Promise<void> =>
      this.#faults.pass(`${errand}.${stage}` as FaultPoint)
    await pass('unsent')
    const sending = this.#inner.batch((batch) => {
      for (const { value, options } of drafts) batch.produce(value, options)
    })
    await Promise.all([sending, pass('in-flight')])
    await pass('acked')
    return result
  }
}
