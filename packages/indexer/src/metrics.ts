import type { Message, Meter, MetricLabels } from '@kt/core'
import { isDelayed } from './entry.ts'

/** What became of a record: the label `outcome` of `kt_indexer_records_total`. */
export type Outcome = 'indexed' | 'deleted' | 'newer' | 'skipped' | 'dead'

/**
 * What an Indexer measures:
 * - `kt_indexer_records_total`: records by `outcome`; `newer` are those of which the index held a newer version,
 *   `skipped` are messages whose change was indexed already
 * - `kt_indexer_retries_total`: records that are tried again, by `status`: what the search engine answered, 404 for a
 *   missing index; `none` without an answer
 * - `kt_indexer_dead_letter_failures_total`: batches that are tried again because their dead letters cannot be sent
 * - `kt_indexer_load_duration_ms`, `kt_indexer_loaded_total`: queries, and the ids asked for
 * - `kt_indexer_bulk_duration_ms`, `kt_indexer_bulk_bytes`: bulk requests that were answered
 * - `kt_indexer_bulk_failures_total`: bulk requests that failed as a whole
 * - `kt_indexer_latency_ms`: from the message's timestamp, which is right after the commit, to the answer of the search
 *   engine; without delay messages, whose timestamp is that of their re-sending
 */
export class IndexerMetrics {
  readonly #meter: Meter
  readonly #labels: MetricLabels

  constructor(meter: Meter, labels: MetricLabels) {
    this.#meter = meter
    this.#labels = labels
  }

  records(outcome: Outcome, count: number): void {
    if (count > 0) this.#meter.add('kt_indexer_records_total', count, { ...this.#labels, outcome })
  }

  /** @param status what the search engine answered, if it did */
  retries(count: number, status: number | 'none' = 'none'): void {
    if (count > 0) this.#meter.add('kt_indexer_retries_total', count, { ...this.#labels, status })
  }

  deadLettersFailed(): void {
    this.#meter.add('kt_indexer_dead_letter_failures_total', 1, this.#labels)
  }

  load(ids: number, durationMs: number): void {
    this.#meter.add('kt_indexer_loaded_total', ids, this.#labels)
    this.#meter.record('kt_indexer_load_duration_ms', durationMs, this.#labels)
  }

  bulk(body: string, durationMs: number): void {
    this.#meter.record('kt_indexer_bulk_duration_ms', durationMs, this.#labels)
    this.#meter.record('kt_indexer_bulk_bytes', Buffer.byteLength(body), this.#labels)
  }

  bulkFailed(): void {
    this.#meter.add('kt_indexer_bulk_failures_total', 1, this.#labels)
  }

  latency(messages: readonly Message[], nowMs: number): void {
    for (const message of messages) {
      if (isDelayed(message.headers)) continue
      // Clocks of different machines: a message can't have been indexed before it was sent.
      this.#meter.record('kt_indexer_latency_ms', Math.max(0, nowMs - message.timestampMs), this.#labels)
    }
  }
}
