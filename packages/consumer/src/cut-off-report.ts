import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { GroupOffsets } from './group-offsets.ts'

export interface CutOffReportOptions {
  readonly topic: string
  readonly name: string
  readonly offsets: GroupOffsets
  readonly logger: Logger
  readonly meter: Meter
}

/** Says when the topic's retention has outrun the group: messages were deleted that nobody had handled. */
export class CutOffReport {
  readonly #options: CutOffReportOptions
  readonly #checking = new Set<number>()

  constructor(options: CutOffReportOptions) {
    this.#options = options
  }

  /** Checks where a worker would start. To be awaited before it does: kafkajs would move the offset silently. */
  async atStart(): Promise<void> {
    await this.#check(undefined)
  }

  /**
   * Checks why a fetch brought nothing from `expected` on, but later messages: it may be compaction, or the markers of
   * transactions. Where those are many, one check of a partition at a time is enough.
   */
  async atGap(partition: number, expected: bigint): Promise<void> {
    if (this.#checking.has(partition)) return
    this.#checking.add(partition)
    await this.#check({ partition, expected })
    this.#checking.delete(partition)
  }

  async #check(gap: { readonly partition: number; readonly expected: bigint } | undefined): Promise<void> {
    const { topic, name, offsets, logger, meter } = this.#options
    try {
      for (const { partition, low, high, committed } of await offsets.read()) {
        if (gap !== undefined && gap.partition !== partition) continue
        const at = gap?.expected ?? committed
        if (at === undefined || (at >= low && at <= high)) continue
        meter.add('kt_consumer_offset_out_of_range_total', 1, { topic, name })
        logger.error(
          gap === undefined
            ? 'The committed offset is out of range, starting at the earliest: messages may have been lost'
            : 'The offset is out of range, going on at the earliest: messages were deleted before they were read',
          { topic, name, partition, offset: String(at), earliest: String(low), end: String(high) },
        )
      }
    } catch (error) {
      logger.debug('The offsets could not be checked', { topic, name, ...errorFields(error) })
    }
  }
}
