import { encodePayload, errorFields, headerNames, optionChecker, payloadKey, toPayload } from '@kt/core'
import type { MessageBatch, ProduceOptions } from '@kt/core'
import { abortable } from './abortable.ts'
import type { Chain } from './chain.ts'
import type { ResolvedCascaderOptions } from './options.ts'
import { RecentTargets } from './recent-targets.ts'

/** Records of one cascade, in memory or as they come. Holes are skipped, such as the missing parent of a record. */
export type Records = Iterable<object | null | undefined> | AsyncIterable<object | null | undefined>

interface Target {
  readonly value: string
  readonly options: ProduceOptions & { readonly key: string }
}

const check = optionChecker('Cascader')

/** Sends one message for each record of a cascade. */
export class Importer {
  readonly #options: ResolvedCascaderOptions

  constructor(options: ResolvedCascaderOptions) {
    this.#options = options
  }

  /** Takes no more records than fit a batch before Kafka has acknowledged it; returns the number of messages. */
  async import(records: Records, chain: Chain, signal: AbortSignal | undefined): Promise<number> {
    const { batchSize, rememberedTargets } = this.#options
    const recent = new RecentTargets(rememberedTargets)
    const headers = { [headerNames.cascade]: chain.toString() }
    let batch: Target[] = []
    let count = 0
    for await (const record of abortable(records, signal)) {
      if (record === null || record === undefined) continue
      const target = this.#target(record, headers)
      if (target === undefined || !recent.add(target.options.topic, target.options.key)) continue
      batch.push(target)
      if (batch.length < batchSize) continue
      count += await this.#send(batch)
      batch = []
    }
    return count + (await this.#send(batch))
  }

  async #send(batch: readonly Target[]): Promise<number> {
    const { producer, meter, name } = this.#options
    if (batch.length === 0) return 0
    await producer.batch((sending: MessageBatch) => {
      for (const { value, options } of batch) sending.produce(value, options)
    })
    meter.add('kt_cascader_messages_total', batch.length, { name })
    return batch.length
  }

  /** A record that can't be named to anybody must not keep the others from being named. */
  #target(record: object, headers: Readonly<Record<string, string>>): Target | undefined {
    const { stream: streamOf, logger, meter, name } = this.#options
    const stream = streamOf(record)
    if (stream === undefined)
      return check.fail('stream', `given, since ${record.constructor.name} doesn't tell how it is streamed`)
    const { topic } = stream
    try {
      const payload = toPayload(stream.payload(record))
      return { value: encodePayload(payload), options: { topic, key: payloadKey(payload), headers } }
    } catch (error) {
      meter.add('kt_cascader_failed_records_total', 1, { name })
      logger.error('A record has no usable payload and is passed over', {
        name,
        topic,
        ...errorFields(error),
      })
      return undefined
    }
  }
}
