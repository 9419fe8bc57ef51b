import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { GroupOffsets } from './group-offsets.ts'

export interface OffsetRangeMonitorOptions {
  readonly topic: string
  readonly name: string
  readonly offsets: GroupOffsets
  readonly logger: Logger
  readonly meter: Meter
}

/** Reports offsets that are out of range: retention has deleted messages before the group handled them. */
export class OffsetRangeMonitor {
  readonly #options: OffsetRangeMonitorOptions
  readonly #checking = new Set<number>()

  constructor(options: OffsetRangeMonitorOptions) {
    this.#options = options
  }

  /** Checks the committed offsets. Must end before the group is joined, because kafkajs would move them silently. */
  async atStart(): Promise<void> {
    await this.#check(undefined)
  }

  /**
   * Checks why a fetch returned later messages than `expected`. Compaction and transaction markers leave gaps, too.
   * There may be many, so each partition has only one check at a time.
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
            : 'The offset is out of range, continuing at the earliest: messages were deleted before they were read',
          { topic, group: name, partition, offset: String(at), earliest: String(low), end: String(high) },
        )
      }
    } catch (error) {
      logger.debug('Could not check the offsets', { topic, group: name, ...errorFields(error) })
    }
  }
}
